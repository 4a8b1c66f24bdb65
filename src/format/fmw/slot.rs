//! Where a workspace keeps a value: the logical place as it is shown, and what that place says about
//! copies.
//!
//! A value stands in its home (the parameter of a transformer, a published parameter) and again in
//! copies which FME writes itself. Places are written and read here, so that both sides agree.

use std::fmt;

/// A logical place inside a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot<'s> {
    /// A parameter of a transformer, or an attribute of another element, in the XML half.
    Element {
        /// The transformer or element.
        owner: &'s str,
        /// Its parameter or attribute.
        parameter: &'s str,
    },
    /// A published parameter, in one of the five places where a workspace keeps its default.
    Published {
        /// Where it stands.
        keeper: Keeper,
        /// Its name.
        parameter: &'s str,
    },
    /// The mapping half: what FME executes.
    Executed {
        /// The factory or procedure, which bears the name of its transformer.
        owner: Option<&'s str>,
        /// The keyword.
        parameter: Option<&'s str>,
    },
}

/// What keeps the default of a published parameter, the one to edit first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keeper {
    /// `<GLOBAL_PARAMETER … DEFAULT_VALUE="…">`
    Global,
    /// The JSON in base64.
    Form,
    /// `DEFAULT_MACRO NAME value`
    DefaultMacro,
    /// `PARAMETER_DEFAULT: value` of a classic transformer definition.
    Definition,
    /// `#  --NAME "value"` in the head comment.
    CommandLine,
    /// `MACRO NAME value`: the parameter of an embedded transformer.
    Macro,
}

const ARROW: &str = " › ";
const COMMAND_LINE: &str = "command line";

impl fmt::Display for Slot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Slot::Element { owner, parameter } => write!(f, "{owner}{ARROW}{parameter}"),
            Slot::Published { keeper, parameter } => match keeper {
                Keeper::Global => write!(f, "GLOBAL_PARAMETER[{parameter}]{ARROW}DEFAULT_VALUE"),
                Keeper::Form => write!(f, "USER_PARAMETERS[{parameter}]{ARROW}defaultValue"),
                Keeper::Definition => write!(f, "PARAMETER[{parameter}]{ARROW}PARAMETER_DEFAULT"),
                Keeper::CommandLine => write!(f, "{COMMAND_LINE}{ARROW}--{parameter}"),
                Keeper::DefaultMacro => write!(f, "DEFAULT_MACRO {parameter}"),
                Keeper::Macro => write!(f, "MACRO {parameter}"),
            },
            Slot::Executed { owner, parameter } => match (owner, parameter) {
                (Some(owner), Some(parameter)) => write!(f, "FACTORY_DEF {owner} {parameter}"),
                (Some(owner), None) => write!(f, "FACTORY_DEF {owner}"),
                (None, Some(parameter)) => write!(f, "FACTORY_DEF {parameter}"),
                (None, None) => f.write_str("FACTORY_DEF"),
            },
        }
    }
}

impl<'s> Slot<'s> {
    /// Reads a place back. Without one, it is the mapping half, outside every factory.
    pub fn read(logical: Option<&'s str>) -> Self {
        let nowhere = Slot::Executed { owner: None, parameter: None };
        let Some(logical) = logical else {
            return nowhere;
        };
        let published = |keeper, parameter| Slot::Published { keeper, parameter };
        let bracketed = |text: &'s str, head: &str| text.strip_prefix(head)?.strip_suffix(']');
        if let Some((before, after)) = logical.split_once(ARROW) {
            return if let Some(name) = bracketed(before, "GLOBAL_PARAMETER[") {
                published(Keeper::Global, name)
            } else if let Some(name) = bracketed(before, "USER_PARAMETERS[") {
                published(Keeper::Form, name)
            } else if let Some(name) = bracketed(before, "PARAMETER[") {
                published(Keeper::Definition, name)
            } else if before == COMMAND_LINE {
                published(Keeper::CommandLine, after.trim_start_matches("--"))
            } else {
                Slot::Element { owner: before, parameter: after }
            };
        }
        if let Some(name) = logical.strip_prefix("DEFAULT_MACRO ") {
            return published(Keeper::DefaultMacro, name);
        }
        if let Some(name) = logical.strip_prefix("MACRO ") {
            return published(Keeper::Macro, name);
        }
        match logical.strip_prefix("FACTORY_DEF ") {
            None => nowhere,
            Some(rest) => match rest.rsplit_once(' ') {
                Some((owner, parameter)) if is_keyword(parameter) => {
                    Slot::Executed { owner: Some(owner), parameter: Some(parameter) }
                }
                None if is_keyword(rest) => Slot::Executed { owner: None, parameter: Some(rest) },
                _ => Slot::Executed { owner: Some(rest), parameter: None },
            },
        }
    }

    /// The parameter's name.
    pub fn parameter(&self) -> Option<&'s str> {
        match self {
            Slot::Element { parameter, .. } | Slot::Published { parameter, .. } => Some(parameter),
            Slot::Executed { parameter, .. } => *parameter,
        }
    }
}

/// Keywords of the mapping half whose lists are read item by item.
fn is_keyword(word: &str) -> bool {
    super::mapping::LISTS.iter().any(|(keyword, _)| keyword.as_bytes() == word.as_bytes())
}

/// One name for each parameter: the mapping half has words of its own for some.
pub fn canonical(parameter: &str) -> &str {
    match parameter {
        "REQUEST_HEADER_TABLE" | "HTTP_REQUEST_HEADER" | "HEADERS" => "CUSTOM_HEADERS",
        "QUERY_STRING_TABLE" | "QUERY_PARAMETERS" => "ADDITIONAL_URL_PARAMETERS",
        "COMBINED_MULTIPART_TABLE" => "MULTIPARTS",
        "SOURCE_CODE" => "PYTHONSOURCE",
        other => other,
    }
}

/// The names that a transformer can have by the name of what it was made into, the longest first:
/// `StringConcatenator_3_evaluator` was made of `StringConcatenator_3`.
pub fn names_in(executed: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(executed), |name| name.rsplit_once('_').map(|(head, _)| head))
}

/// The name of a transformer: a second one of one name is shown with a number behind it.
pub fn name_of(owner: &str) -> &str {
    owner.split_once(" (").map_or(owner, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_are_written() {
        let parameter = "FME_TOKEN";
        let mut slots = vec![
            Slot::Element { owner: "HTTPCaller_5", parameter: "TARGET_URL" },
            Slot::Executed { owner: Some("Call it"), parameter: Some("REQUEST_HEADER_TABLE") },
            Slot::Executed { owner: Some("HTTPCaller_5"), parameter: None },
            Slot::Executed { owner: None, parameter: Some("ADDITIONAL_URL_PARAMETERS") },
        ];
        for keeper in [
            Keeper::Global,
            Keeper::Form,
            Keeper::DefaultMacro,
            Keeper::Definition,
            Keeper::CommandLine,
            Keeper::Macro,
        ] {
            slots.push(Slot::Published { keeper, parameter });
        }
        for slot in slots {
            assert_eq!(Slot::read(Some(&slot.to_string())), slot, "{slot}");
        }
    }

    #[test]
    fn factories_bear_the_name_of_their_transformer() {
        let names: Vec<&str> = names_in("StringConcatenator_3_evaluator").collect();
        assert_eq!(
            names,
            ["StringConcatenator_3_evaluator", "StringConcatenator_3", "StringConcatenator"]
        );
        assert_eq!(name_of("HTTPCaller (2)"), "HTTPCaller");
        assert_eq!(canonical("REQUEST_HEADER_TABLE"), canonical("CUSTOM_HEADERS"));
    }
}
