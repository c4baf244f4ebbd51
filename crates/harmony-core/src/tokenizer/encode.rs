//! From a text to tokens: find the pieces, and append what each of them becomes.
//!
//! ASCII is split in windows of 64 bytes ([`super::ascii`]), anything else piece
//! by piece ([`super::split`]); both give the split of upstream's pattern from
//! any place where a piece starts. The tokens of a piece depend on nothing but
//! its bytes, so it does not matter which of these answers first: the front
//! cache, the vocabulary, the cache of long pieces, or merging.
//!
//! Windows and look-ups read a fixed number of bytes ahead. So the last bytes of
//! a text are encoded in a copy with zeros behind it ([`Tail`]); the split is
//! given the copy without them, or where they start.

use super::{
    ascii,
    cache::Cache,
    cuts::Cuts,
    front::{self, Front},
    long,
    merge::{self, Merger, Piece},
    split,
    vocabulary::{self, Vocabulary, NO_RANK},
    Rank,
};

/// How many bytes from the start of a window may be read: pieces start up to its end.
const READ_AHEAD: usize = ascii::WINDOW + front::READ_AHEAD;

/// What encoding needs besides the tables, kept from call to call.
pub(super) struct Workspace {
    front: Front,
    found: Found,
    cache: Cache,
    merger: Merger,
    cuts: Option<Cuts>,
    long: Option<long::Tables>,
}

/// The tables and the workspace during one call.
pub(super) struct Encoder<'a> {
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) workspace: &'a mut Workspace,
    /// Where the tokens of the last piece start.
    pub(super) last_piece: usize,
}

/// The bytes of a text, and those that may be read: there are zeros behind a copied tail.
#[derive(Clone, Copy)]
struct Text<'a> {
    bytes: &'a [u8],
    length: usize,
}

/// Tokens that were found but not appended yet. Appending them one piece at a
/// time would cost a call of `memcpy` for a token or two.
struct Found {
    tokens: Box<[Rank; FOUND + front::MOST_TOKENS]>,
    count: usize,
}

const FOUND: usize = 1024;

/// Longer pieces are kept in the larger cache too.
const SHORT_PIECE: usize = 2 * vocabulary::WORD;

impl Encoder<'_> {
    /// Appends the tokens of a text.
    pub(super) fn append(&mut self, bytes: &[u8], tokens: &mut Vec<Rank>) {
        let length = bytes.len();
        let text = Text { bytes, length };
        let start = self.append_until(text, 0, length.saturating_sub(READ_AHEAD - 1), tokens);
        let mut tail = [0; 2 * READ_AHEAD];
        let rest = &bytes[start..];
        tail[..rest.len()].copy_from_slice(rest);
        let text = Text { bytes: &tail, length: rest.len() };
        self.append_until(text, 0, rest.len(), tokens);
    }

    /// Appends pieces from `start` until one starts at `until` or behind it; returns where.
    fn append_until(
        &mut self,
        text: Text,
        mut start: usize,
        until: usize,
        tokens: &mut Vec<Rank>,
    ) -> usize {
        while start < until {
            let window = start;
            let mut ends = ascii_ends(text, window);
            while ends != 0 {
                let end = window + ends.trailing_zeros() as usize;
                ends &= ends - 1;
                self.append_piece(text, start, end, tokens);
                start = end;
            }
            if start == window {
                let end = split::piece_end(&text.bytes[..text.length], start);
                self.append_piece(text, start, end, tokens);
                start = end;
            }
        }
        self.workspace.found.append_to(tokens);
        start
    }

    /// Appends a piece.
    #[inline(always)]
    fn append_piece(&mut self, text: Text, start: usize, end: usize, tokens: &mut Vec<Rank>) {
        let Workspace { front, found, .. } = &mut *self.workspace;
        if found.count > FOUND {
            found.append_to(tokens);
        }
        let count = front.find(text.bytes, start, end, found.room());
        if count == 0 {
            found.append_to(tokens);
            self.append_new(text, start, end, tokens);
        } else {
            self.last_piece = tokens.len() + found.count;
            found.count += count;
        }
    }

    /// Appends a piece that the front cache does not have.
    #[inline(never)]
    fn append_new(&mut self, text: Text, start: usize, end: usize, tokens: &mut Vec<Rank>) {
        self.last_piece = tokens.len();
        if end - start <= SHORT_PIECE {
            self.append_short(text, start, end, tokens);
        } else {
            self.append_hashed(text, start, end, tokens);
        }
        let found = &tokens[self.last_piece..];
        self.workspace.front.store(text.bytes, start, end, found);
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
        self.workspace.cache.remember(hash, piece, &tokens[self.last_piece..]);
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

/// The ends of pieces in the window at `at`, as far as they are certain. Where
/// its first eight bytes are not all ASCII it has few: text in other scripts has
/// a space before each word, and would lose a tenth of its speed to masks.
#[inline]
fn ascii_ends(text: Text, at: usize) -> u64 {
    match text.bytes[at..].first_chunk() {
        Some(window) if window[..8].is_ascii() => ascii::piece_ends(window, text.length - at),
        _ => 0,
    }
}

impl Found {
    #[inline(always)]
    fn room(&mut self) -> &mut [Rank; front::MOST_TOKENS] {
        match self.tokens[self.count..].first_chunk_mut() {
            Some(room) => room,
            None => unreachable!("there are no more than {FOUND} tokens"),
        }
    }

    fn append_to(&mut self, tokens: &mut Vec<Rank>) {
        tokens.extend_from_slice(&self.tokens[..self.count]);
        self.count = 0;
    }
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            front: Front::new(),
            found: Found { tokens: vocabulary::zeroed(0), count: 0 },
            cache: Cache::default(),
            merger: Merger::default(),
            cuts: None,
            long: None,
        }
    }
}
