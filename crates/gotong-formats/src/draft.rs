//! What every reader of a foreign format hands on: STIX objects, what it could not carry, and what it could not read.
//!
//! A reader is fed bytes as they arrive and asked for [`Piece`]s, so that no input is ever held whole. It knows no channel, label or caller:
//! what the source says of sharing goes into the object's own markings, and the door decides the rest. Read next: the reader of a format.

use crate::stix21::FieldFault;

/// One thing that came out of the input, in its order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    /// A STIX object made from it.
    Draft(Draft),
    /// Something that STIX or the mapping has no place for. The rest of its record was carried.
    Loss(Loss),
    /// Something that could not be read. What stands around it was.
    Fault(Fault),
}

/// A STIX 2.1 object, as JSON.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    /// Where it comes from: the line of a text, from 1, or the number of the record.
    pub line: u64,
    /// The object's bytes.
    pub body: Vec<u8>,
}

/// Something that was not carried over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loss {
    /// The line or the number of the record.
    pub line: u64,
    /// Where in it: a JSON pointer, a column's name or a header's.
    pub place: String,
    /// Message id, such as `misp.loss.type-unknown`.
    pub code: &'static str,
    /// What was left behind, and why, in English.
    pub text: String,
}

/// Something that could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The line or the number of the record.
    pub line: u64,
    /// What is wrong with which field.
    pub field: FieldFault,
}

impl Piece {
    /// The line or the number of the record.
    pub fn line(&self) -> u64 {
        match self {
            Self::Draft(draft) => draft.line,
            Self::Loss(loss) => loss.line,
            Self::Fault(fault) => fault.line,
        }
    }
}

/// A reader of one foreign format.
pub trait Reader: Send {
    /// Takes the next bytes of the input, cut anywhere.
    fn push(&mut self, bytes: &[u8]);

    /// Says that there are no more.
    fn finish(&mut self);

    /// The next piece, as far as it is known from what was pushed.
    fn next(&mut self) -> Option<Piece>;
}
