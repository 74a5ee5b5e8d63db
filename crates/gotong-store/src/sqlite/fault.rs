//! What SQLite says, in the store's words.

#![allow(clippy::wildcard_enum_match_arm, reason = "foreign enums that grow: what is not named here is a plain fault")]

use rusqlite::{Error, ErrorCode};

use crate::Fault;

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::SqliteFailure(failure, _) => of_code(failure.code, text),
            Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
            | Error::QueryReturnedNoRows => Self::Corrupt(text),
            _ => Self::Misuse(text),
        }
    }
}

fn of_code(code: ErrorCode, text: String) -> Fault {
    match code {
        ErrorCode::DiskFull => Fault::Full,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Fault::Busy(text),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Fault::Corrupt(text),
        ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch | ErrorCode::ApiMisuse => {
            Fault::Misuse(text)
        }
        _ => Fault::Io(text),
    }
}

/// A fault of the file system.
pub(super) fn of_io(error: &std::io::Error) -> Fault {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Fault::Full,
        _ => Fault::Io(error.to_string()),
    }
}

/// What is stored makes no sense.
pub(super) fn damaged(what: &str) -> Fault {
    Fault::Corrupt(what.to_owned())
}
