//! Sightings on their way to the pool: gathered, freed of what was seen twice, and given to the lints,
//! so many at a time.

use super::excerpt::Hidden;
use super::pool::{BATCH, Ceiling, Pool};
use super::shown::Signs;
use super::{Scan, Scanner, Setting, Sighting, lints, merge, speech};
use crate::artifact::{Artifact, Role, Window};
use crate::secret::Secret;
use crate::text::LineIndex;
use crate::veil::Veil;

/// From this number of secrets on the veil over a window is made only for what is shown.
const VEIL_MAX: usize = 1024;

/// What is known of the window that is being scanned.
#[derive(Debug)]
pub(super) struct Scene<'w> {
    pub(super) artifact: &'w Artifact,
    pub(super) window: &'w Window<'w>,
    pub(super) role: Role,
    /// Something inside says that this is production.
    pub(super) production: Option<String>,
    /// The format stores each value several times.
    pub(super) keeps_copies: bool,
}

/// The sightings of one window.
pub(super) struct Batches<'w, 'r, 't, 'c> {
    scanner: &'w Scanner<'r>,
    scene: Scene<'w>,
    pub(super) pending: Vec<Sighting<'t>>,
    pool: Pool<'r, 't, 'c>,
    lines: LineIndex<'w>,
    /// Worked out with the first batch: most windows carry nothing.
    ready: Option<(Setting<'w>, Signs)>,
    candidates: usize,
}

impl<'w, 'r, 'c> Batches<'w, 'r, '_, 'c> {
    pub(super) fn new(
        scanner: &'w Scanner<'r>,
        scene: Scene<'w>,
        ceiling: &'c mut dyn Ceiling,
    ) -> Self {
        let pool = Pool::new(ceiling, scene.keeps_copies);
        let lines = scene.window.lines();
        Self { scanner, scene, pending: Vec::new(), pool, lines, ready: None, candidates: 0 }
    }

    /// Hands on what came so far when it is enough.
    pub(super) fn rest(&mut self) {
        if self.pending.len() >= BATCH {
            self.hand_on(false);
        }
    }

    fn hand_on(&mut self, is_last: bool) {
        self.candidates += self.pending.len();
        if self.pending.is_empty() {
            return;
        }
        let (scanner, scene) = (self.scanner, &mut self.scene);
        let (setting, signs) = self.ready.get_or_insert_with(|| {
            let Scene { artifact, window, role, .. } = *scene;
            let production = scene.production.take();
            let environment =
                scanner.environments.of(&artifact.path, window.head, role, production);
            let purpose = scanner.purposes.of(&artifact.path, role);
            (Setting { artifact, role, purpose, environment }, Signs::of(window.bytes))
        });
        let sightings = merge::distinct(std::mem::take(&mut self.pending));
        let around = (scene.window, &self.lines, *signs);
        lints::batch(scanner, setting, sightings, around, (&mut self.pool, is_last));
    }

    /// Makes the words of what is told.
    pub(super) fn finish(mut self, scan: &mut Scan) {
        self.hand_on(true);
        scan.candidates = self.candidates;
        let Some((setting, _)) = &self.ready else { return };
        let mut problems = self.pool.finish(scan);
        if problems.is_empty() {
            scan.secrets = self.pool.found();
            return;
        }
        let place = (self.scene.window, &self.lines);
        let spans = std::mem::take(&mut self.pool.hidden);
        // In order: of two that are written alike the first gives the mask.
        let mut secrets: Vec<&Secret> = self.pool.secrets.keys().collect();
        let is_crowded = secrets.len() > VEIL_MAX;
        let mut hidden = Hidden::new(spans, Veil::listening());
        if is_crowded {
            // Everything is said once to hear what must be covered, and then meant.
            speech::say(self.scanner, setting, &mut problems, place, &hidden);
            secrets.retain(|secret| hidden.veil.has_heard(secret));
        }
        secrets.sort_unstable();
        hidden.veil = Veil::over(secrets.into_iter());
        speech::say(self.scanner, setting, &mut problems, place, &hidden);
        scan.secrets = self.pool.found();
        scan.findings = problems.into_iter().map(|problem| problem.finding).collect();
    }
}
