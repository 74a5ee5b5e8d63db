//! Where the splitter is within one JSON value: brackets, strings, and the keys of a top-level object.
//!
//! Looks at one byte at a time and keeps no bytes but the first few of a key. Knows nothing of STIX but `type`,
//! `objects` and `bundle`.

/// The bytes do not nest as JSON does.
pub(super) struct Misnested;

/// Brackets and strings of one JSON value.
#[derive(Clone, Copy, Default)]
pub(super) struct Scan {
    depth: u32,
    /// One bit for each open bracket, 1 for a list; the innermost is the lowest.
    lists: u64,
    in_string: bool,
    escaped: bool,
}

impl Scan {
    /// Within an object whose opening brace is behind us.
    pub(super) fn inside_object() -> Self {
        Self { depth: 1, ..Self::default() }
    }

    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    pub(super) fn in_string(&self) -> bool {
        self.in_string
    }

    /// One byte within a string: true where the string ends with it.
    pub(super) fn string_byte(&mut self, byte: u8) -> bool {
        if self.escaped {
            self.escaped = false;
        } else if byte == b'\\' {
            self.escaped = true;
        } else if byte == b'"' {
            self.in_string = false;
            return true;
        }
        false
    }

    /// A quote or a bracket outside strings; other bytes change nothing.
    pub(super) fn outer_byte(&mut self, byte: u8) -> Result<(), Misnested> {
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => {
                self.depth = self.depth.checked_add(1).ok_or(Misnested)?;
                self.lists = self.lists << 1 | u64::from(byte == b'[');
            }
            b'}' | b']' => {
                // Brackets nested deeper than 64 are not told apart; such an object is refused anyway.
                if self.depth <= 64 && (self.lists & 1 == 1) != (byte == b']') {
                    return Err(Misnested);
                }
                self.lists >>= 1;
                self.depth = self.depth.checked_sub(1).ok_or(Misnested)?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// What a top-level value looks like.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Guess {
    #[default]
    Unknown,
    Bundle,
    Other,
}

/// What is known of a top-level value. A bundle may name its objects before its type.
#[derive(Clone, Copy, Default)]
pub(super) struct Envelope {
    guess: Guess,
    expects_key: bool,
    key: Word,
    word: Word,
    has_list: bool,
    /// Line ends within it.
    pub(super) lines: u64,
}

impl Envelope {
    /// Of a bare list.
    pub(super) fn list() -> Self {
        Self { guess: Guess::Other, ..Self::default() }
    }

    /// It holds objects rather than being one.
    pub(super) fn is_container(&self) -> bool {
        self.has_list || self.guess == Guess::Bundle
    }

    /// Its list of objects has begun.
    pub(super) fn has_list(&self) -> bool {
        self.has_list
    }

    pub(super) fn begin_word(&mut self) {
        self.word = Word::default();
    }

    pub(super) fn word_byte(&mut self, byte: u8) {
        self.word.push(byte);
    }

    /// A string at the top level has ended: a key, or the value of one.
    pub(super) fn end_word(&mut self) {
        if self.expects_key {
            self.expects_key = false;
            self.key = self.word;
        } else if self.key.is(b"type") {
            self.guess = if self.word.is(b"bundle") { Guess::Bundle } else { Guess::Other };
        }
    }

    pub(super) fn expect_key(&mut self) {
        self.expects_key = true;
    }

    /// A list begins at the top level: whether it is that of the objects.
    pub(super) fn begin_list(&mut self) -> bool {
        let objects = self.key.is(b"objects") && self.guess != Guess::Other;
        if objects {
            self.has_list = true;
            self.key = Word::default();
        }
        objects
    }
}

/// The first bytes of a string.
#[derive(Clone, Copy, Default)]
struct Word {
    bytes: [u8; 8],
    length: usize,
}

impl Word {
    fn push(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(self.length) {
            *slot = byte;
        }
        self.length = self.length.saturating_add(1);
    }

    fn is(&self, text: &[u8]) -> bool {
        self.bytes.get(..self.length) == Some(text)
    }
}
