//! From a text to tokens: find the pieces, and append what each of them becomes.
//!
//! Text is split in windows of 64 bytes ([`super::window`]), what these leave piece
//! by piece ([`super::split`]); both give the split of upstream's pattern from
//! any place where a piece starts. The tokens of a piece depend on nothing but
//! its bytes, so it does not matter which of these answers first: the front
//! cache, the vocabulary, the cache of long pieces, or merging.
//!
//! Windows and look-ups read a fixed number of bytes ahead. So the last bytes of
//! a text are encoded in a copy with zeros behind it; the split is
//! given the copy without them, or where they start.

use super::{
    cache::Cache,
    cuts::Cuts,
    front::{self, Front},
    lanes::LANES,
    long,
    merge::{self, Merger, Piece},
    output::{Output, WINDOW_TOKENS},
    split,
    vocabulary::{self, Vocabulary, NO_RANK},
    window, Rank,
};

/// How many bytes from the start of a window may be read: pieces start up to its end.
const READ_AHEAD: usize = window::WINDOW + front::READ_AHEAD;

/// What encoding needs besides the tables, kept from call to call.
pub(super) struct Workspace {
    front: Front,
    /// The tokens of one piece that the front cache does not have.
    new: Vec<Rank>,
    cache: Cache,
    merger: Merger,
    cuts: Option<Cuts>,
    long: Option<long::Tables>,
}

/// The tables and the workspace during one call.
pub(super) struct Encoder<'a> {
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) workspace: &'a mut Workspace,
}

/// The bytes of a text, and those that may be read: there are zeros behind a copied tail.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) length: usize,
}

/// Longer pieces are kept in the larger cache too.
const SHORT_PIECE: usize = 2 * vocabulary::WORD;

impl Encoder<'_> {
    /// Appends the tokens of a text.
    pub(super) fn append(&mut self, bytes: &[u8], output: &mut Output) {
        let length = bytes.len();
        let text = Text { bytes, length };
        let start = self.append_until(text, 0, length.saturating_sub(READ_AHEAD - 1), output);
        let mut tail = [0; 2 * READ_AHEAD];
        let rest = &bytes[start..];
        tail[..rest.len()].copy_from_slice(rest);
        let text = Text { bytes: &tail, length: rest.len() };
        self.append_until(text, 0, rest.len(), output);
    }

    /// Appends pieces from `start` until one starts at `until` or behind it; returns where.
    #[inline(never)]
    fn append_until(
        &mut self,
        text: Text,
        mut start: usize,
        until: usize,
        output: &mut Output,
    ) -> usize {
        while start < until {
            let ends = text.piece_ends(start);
            start = if ends == 0 {
                let end = split::piece_end(&text.bytes[..text.length], start);
                self.append_piece(text, start, end, output);
                end
            } else {
                self.append_window(text, start, ends, output)
            };
        }
        start
    }

    /// Appends the pieces that end at `ends` in the window at `window`; returns where the
    /// last one does. Text and tokens are arrays, and `% LANES` changes no number: so the
    /// compiler sees that nothing is out of bounds, and a piece takes 13 % fewer instructions.
    #[inline(always)]
    fn append_window(
        &mut self,
        text: Text,
        window: usize,
        mut ends: u64,
        output: &mut Output,
    ) -> usize {
        let Some(bytes) = text.bytes[window..].first_chunk::<READ_AHEAD>() else {
            unreachable!("so many bytes may be read")
        };
        let room = output.room::<WINDOW_TOKENS>();
        let (mut start, mut before, mut count) = (0, 0, 0);
        while ends != 0 {
            let end = ends.trailing_zeros() as usize % LANES;
            ends &= ends - 1;
            before = count;
            let (Some(piece), Some(tokens)) =
                (bytes[start..].first_chunk(), room[count % LANES..].first_chunk_mut())
            else {
                unreachable!()
            };
            count += match self.workspace.front.find_first(piece, end - start, tokens) {
                0 => {
                    let new = self.tokens_of_new(text, window + start, window + end);
                    room[count..count + new.len()].copy_from_slice(new);
                    new.len()
                }
                found => found,
            };
            start = end;
        }
        output.keep(before, count);
        window + start
    }

    /// Whether a piece becomes the tokens at the start of `tokens`; how many they are, or 0.
    #[inline(never)]
    pub(super) fn count_same(
        &mut self,
        text: Text,
        start: usize,
        end: usize,
        tokens: &[Rank],
    ) -> usize {
        let mut room = [0; front::MOST_TOKENS];
        let found = match self.workspace.front.find(text.bytes, start, end, &mut room) {
            0 => self.tokens_of_new(text, start, end),
            count => &room[..count],
        };
        if tokens.starts_with(found) {
            found.len()
        } else {
            0
        }
    }

    /// Whether the front cache has a piece, whose tokens are written to `room`.
    #[cfg(feature = "limits")]
    pub(super) fn is_in_front(
        &self,
        text: Text,
        start: usize,
        end: usize,
        room: &mut [Rank; front::MOST_TOKENS],
    ) -> bool {
        let bytes = text.bytes[start..].first_chunk();
        bytes.is_some_and(|bytes| self.workspace.front.find_first(bytes, end - start, room) > 0)
    }

    /// Appends a piece.
    #[inline]
    fn append_piece(&mut self, text: Text, start: usize, end: usize, output: &mut Output) {
        let count = self.workspace.front.find(text.bytes, start, end, output.room());
        if count == 0 {
            output.append_piece(self.tokens_of_new(text, start, end));
        } else {
            output.keep(0, count);
        }
    }

    /// The tokens of a piece that the front cache does not have, which keeps them now.
    #[inline(never)]
    fn tokens_of_new(&mut self, text: Text, start: usize, end: usize) -> &[Rank] {
        let mut tokens = std::mem::take(&mut self.workspace.new);
        tokens.clear();
        if end - start <= SHORT_PIECE {
            self.append_short(text, start, end, &mut tokens);
        } else {
            self.append_hashed(text, start, end, &mut tokens);
        }
        self.workspace.front.store(text.bytes, start, end, &tokens);
        self.workspace.new = tokens;
        &self.workspace.new
    }

    /// Appends a short piece: merging it again costs less than keeping it in the
    /// larger cache as well, whose lines are far away when the piece is new.
    fn append_short(&mut self, text: Text, start: usize, end: usize, tokens: &mut Vec<Rank>) {
        match self.vocabulary.rank_of_join(text.bytes, start, end) {
            NO_RANK => self.append_parts(text, start, end, tokens),
            rank => tokens.push(rank),
        }
    }

    /// Appends a longer piece, from the larger cache if it was merged before.
    fn append_hashed(&mut self, text: Text, start: usize, end: usize, tokens: &mut Vec<Rank>) {
        let hash = vocabulary::hash(text.bytes, start, end);
        let rank = self.vocabulary.rank_of_hashed(hash, text.bytes, start, end);
        if rank != NO_RANK {
            return tokens.push(rank);
        }
        let piece = &text.bytes[start..end];
        if self.workspace.cache.append(hash, piece, tokens) {
            return;
        }
        self.append_parts(text, start, end, tokens);
        self.workspace.cache.remember(hash, piece, tokens);
    }

    /// Appends a piece that is not a token, in parts where it can be cut.
    fn append_parts(&mut self, text: Text, mut start: usize, end: usize, tokens: &mut Vec<Rank>) {
        let piece = (start, end);
        if !is_worth_cutting(&text.bytes[start..end]) {
            return self.merge(text, start, end, tokens);
        }
        while start < end {
            let cuts = self.workspace.cuts.get_or_insert_with(|| Cuts::load(self.vocabulary));
            let part_end = cuts.part_end(text.bytes, start, end);
            if (start, part_end) == piece {
                return self.merge(text, start, end, tokens);
            }
            self.append_part(text, start, part_end, tokens);
            start = part_end;
        }
    }

    /// Appends a part of a piece; parts come again in other pieces.
    fn append_part(&mut self, text: Text, start: usize, end: usize, tokens: &mut Vec<Rank>) {
        let mut found = [0; front::MOST_TOKENS];
        let count = self.workspace.front.find(text.bytes, start, end, &mut found);
        if count > 0 {
            return tokens.extend_from_slice(&found[..count]);
        }
        let first = tokens.len();
        match self.vocabulary.rank(text.bytes, start, end) {
            NO_RANK => self.merge(text, start, end, tokens),
            rank => tokens.push(rank),
        }
        self.workspace.front.store(text.bytes, start, end, &tokens[first..]);
    }

    /// Appends bytes that are not a token and cannot be cut.
    fn merge(&mut self, text: Text, start: usize, end: usize, tokens: &mut Vec<Rank>) {
        let Workspace { merger, cuts, long, .. } = &mut *self.workspace;
        if end - start > merge::LONGEST_PIECE {
            let long = long.get_or_insert_with(|| long::Tables::load(self.vocabulary));
            return long.append(self.vocabulary, &text.bytes[start..end], tokens);
        }
        let piece = Piece { text: text.bytes, start, end };
        if text.bytes[start..end].is_ascii() {
            merger.append_ascii(self.vocabulary, piece, tokens);
        } else {
            let cuts = cuts.get_or_insert_with(|| Cuts::load(self.vocabulary));
            merger.append(self.vocabulary, cuts, piece, tokens);
        }
    }
}

/// Whether a piece is likely to have cuts: the scripts from U+3000 on have many,
/// the words of others few, and long pieces some.
#[inline]
fn is_worth_cutting(piece: &[u8]) -> bool {
    let has_three_bytes = piece.iter().any(|&byte| byte >= 0xe3);
    has_three_bytes || piece.len() > front::LONGEST_PIECE && !piece.is_ascii()
}

impl Text<'_> {
    /// The ends of pieces in the window at `at`, as far as they are certain.
    #[inline]
    pub(super) fn piece_ends(self, at: usize) -> u64 {
        let window = self.bytes[at..].first_chunk();
        window.map_or(0, |window| window::piece_ends(window, self.length - at))
    }
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            front: Front::new(),
            new: Vec::new(),
            cache: Cache::default(),
            merger: Merger::default(),
            cuts: None,
            long: None,
        }
    }
}
