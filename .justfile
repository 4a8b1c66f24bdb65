# The same steps as CI.
ready:
    .ci/run

test *ARGS:
    cargo test {{ ARGS }}

# The examples of the rules whose id contains ID.
test-rule ID:
    cargo run --quiet -- rules test {{ ID }}

# Look at changed snapshots one by one.
review:
    cargo insta test --review

bench *ARGS:
    cargo bench --bench scan -- {{ ARGS }}

# How fast, beside ripgrep on the same tree.
speed *ARGS:
    .ci/speed {{ ARGS }}

# Fuzz one target: just fuzz url_carrier 300
fuzz TARGET SECONDS="60":
    .ci/fuzz {{ TARGET }} {{ SECONDS }}
