//! The numbers that the boundary and the facade share.
//! They are written here once; `examples/constants.rs` exports them to
//! TypeScript, together with the codes of harmony-core.

use harmony_core::strict::State;

/// What a call of an `EventParser` returns in its lowest bits. The bits above
/// hold the length of a lone delta in bytes.
pub(crate) mod pending {
    /// No events.
    pub(crate) const NOTHING: u32 = 0;
    /// One delta of content, by far the most common result.
    pub(crate) const DELTA: u32 = 1;
    /// Several events, or one that is not a delta.
    pub(crate) const EVENTS: u32 = 2;
    /// Events followed by the failure of a strict parser.
    pub(crate) const FAILURE: u32 = 3;
    /// How many bits hold these values.
    pub(crate) const BITS: u32 = 2;
}

/// The names of a streaming parser's states, each at its number.
#[allow(dead_code)] // Only the constants generator reads the names.
pub(crate) const STATES: [&str; 3] = ["ExpectStart", "Header", "Content"];

/// The number of a state: its position in [`STATES`].
pub(crate) fn state_number(state: State) -> u32 {
    match state {
        State::ExpectStart => 0,
        State::Header => 1,
        State::Content => 2,
    }
}
