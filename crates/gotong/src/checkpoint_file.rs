//! The checkpoint file of `docs/protocol.md` section 11: two slots of 512 bytes, written in turn and synced, so that a crash in the middle of a
//! write leaves the other slot. It stands beside the store and never in a backup: it is what betrays one.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use gotong_app::ports::{CheckpointFile, Mark};
use gotong_crypto::{Digest, sha256};
use gotong_store::Fault;

const MAGIC: &[u8; 8] = b"gotongcp";
const SLOT_BYTES: usize = 512;
const SIGNED_BYTES: usize = 48;

/// The checkpoint file of a data folder.
pub(crate) struct SlotFile {
    path: PathBuf,
    /// The open file and the slot that is written next. Locked for the length of one write.
    state: Mutex<Option<(File, usize)>>,
}

impl SlotFile {
    /// The file at this path; it is made with the first mark.
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), state: Mutex::new(None) }
    }
}

impl CheckpointFile for SlotFile {
    fn load(&self) -> Result<Option<Mark>, Fault> {
        match std::fs::read(&self.path) {
            Ok(bytes) => Ok(newest(&bytes).map(|(_, mark)| mark)),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(fault) => Err(of_io(&fault)),
        }
    }

    fn swap(&self, mark: Mark) -> Result<(), Fault> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, slot) = match state.take() {
            Some(open) => open,
            None => open(&self.path).map_err(|fault| of_io(&fault))?,
        };
        // After a failed write the file is opened again, and the slot that is then the older one is tried again.
        write(&file, slot, &encode(mark)).map_err(|fault| of_io(&fault))?;
        *state = Some((file, 1 - slot));
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<(File, usize)> {
    let is_new = !path.exists();
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    if is_new && let Some(folder) = path.parent() {
        // The name of the file must survive a power cut as well as its content.
        File::open(folder)?.sync_all()?;
    }
    let newest = newest(&std::fs::read(path)?);
    Ok((file, newest.map_or(0, |(slot, _)| 1 - slot)))
}

fn write(file: &File, slot: usize, bytes: &[u8; SLOT_BYTES]) -> io::Result<()> {
    file.write_all_at(bytes, (slot * SLOT_BYTES) as u64)?;
    file.sync_data()
}

fn encode(mark: Mark) -> [u8; SLOT_BYTES] {
    let mut slot = [0_u8; SLOT_BYTES];
    let signed = [MAGIC.as_slice(), &mark.number.to_be_bytes(), mark.chain.as_bytes()].concat();
    let check = sha256(&signed);
    for (place, byte) in slot.iter_mut().zip(signed.iter().chain(check.as_bytes())) {
        *place = *byte;
    }
    slot
}

fn decode(slot: &[u8]) -> Option<Mark> {
    let (signed, rest) = slot.split_at_checked(SIGNED_BYTES)?;
    if rest.first_chunk::<32>()? != sha256(signed).as_bytes() {
        return None;
    }
    let rest = signed.strip_prefix(MAGIC)?;
    let (number, chain) = rest.split_first_chunk::<8>()?;
    Some(Mark { number: u64::from_be_bytes(*number), chain: Digest(chain.try_into().ok()?) })
}

/// The valid slot with the larger number.
fn newest(bytes: &[u8]) -> Option<(usize, Mark)> {
    let slots = bytes.chunks(SLOT_BYTES).take(2).enumerate();
    slots.filter_map(|(at, slot)| Some((at, decode(slot)?))).max_by_key(|(_, mark)| mark.number)
}

fn of_io(fault: &io::Error) -> Fault {
    if matches!(fault.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        Fault::Full
    } else {
        Fault::Io(format!("the checkpoint file: {fault}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mark(number: u64) -> Mark {
        Mark { number, chain: Digest([u8::try_from(number % 251).unwrap(); 32]) }
    }

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn the_newest_mark_comes_back_also_to_another_process() {
        let folder = folder();
        let path = folder.path().join("checkpoint");
        assert_eq!(SlotFile::new(&path).load().unwrap(), None, "no file, no mark");
        let file = SlotFile::new(&path);
        for number in 1..=5 {
            file.swap(mark(number)).unwrap();
            assert_eq!(SlotFile::new(&path).load().unwrap(), Some(mark(number)));
        }
        // Another start goes on in the slot that is the older one.
        let file = SlotFile::new(&path);
        file.swap(mark(6)).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len(), 2 * SLOT_BYTES);
        assert_eq!(decode(&bytes[..SLOT_BYTES]).map(|mark| mark.number), Some(5));
        assert_eq!(decode(&bytes[SLOT_BYTES..]).map(|mark| mark.number), Some(6));
    }

    #[test]
    fn the_bytes_are_those_of_the_protocol() {
        let slot = encode(Mark { number: 0x0102, chain: Digest([7; 32]) });
        assert_eq!(&slot[..16], b"gotongcp\0\0\0\0\0\0\x01\x02");
        assert_eq!(slot[16..48], [7; 32]);
        assert_eq!(slot[48..80], sha256(&slot[..48]).0);
        assert_eq!(slot[80..], [0; 432]);
    }

    #[test]
    fn a_file_without_a_valid_slot_says_nothing() {
        let folder = folder();
        let path = folder.path().join("checkpoint");
        for bytes in [vec![], vec![0; 1024], b"gotongcp".to_vec(), vec![0xff; 3000]] {
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(SlotFile::new(&path).load().unwrap(), None);
        }
    }

    proptest! {
        /// A write that was cut anywhere leaves the mark before it or its own, never another and never none.
        #[test]
        fn a_torn_write_leaves_the_mark_before(marks in 2_u64..20, cut in 0_usize..SLOT_BYTES, garbage in any::<bool>()) {
            let folder = folder();
            let path = folder.path().join("checkpoint");
            let file = SlotFile::new(&path);
            for number in 1..marks {
                file.swap(mark(number)).unwrap();
            }
            let before = std::fs::read(&path).unwrap();
            file.swap(mark(marks)).unwrap();
            let after = std::fs::read(&path).unwrap();
            let slot = usize::from(after.get(..SLOT_BYTES) == before.get(..SLOT_BYTES));
            let mut torn = before.clone();
            torn.resize(2 * SLOT_BYTES, 0);
            let from = slot * SLOT_BYTES;
            torn[from..from + cut].copy_from_slice(&after[from..from + cut]);
            if garbage {
                torn[from + cut..from + SLOT_BYTES].fill(0xa5);
            }
            std::fs::write(&path, &torn).unwrap();
            let found = SlotFile::new(&path).load().unwrap();
            let whole = cut >= SIGNED_BYTES + 32;
            prop_assert!(found == Some(mark(marks - 1)) || (whole && found == Some(mark(marks))), "{found:?}");
        }

        /// One changed bit in the newest slot is noticed, and the slot before it counts.
        #[test]
        fn a_corrupt_slot_does_not_count(bit in 0_usize..(SIGNED_BYTES + 32) * 8) {
            let folder = folder();
            let path = folder.path().join("checkpoint");
            let file = SlotFile::new(&path);
            file.swap(mark(1)).unwrap();
            file.swap(mark(2)).unwrap();
            let mut bytes = std::fs::read(&path).unwrap();
            bytes[SLOT_BYTES + bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, &bytes).unwrap();
            prop_assert_eq!(SlotFile::new(&path).load().unwrap(), Some(mark(1)));
            bytes[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, &bytes).unwrap();
            prop_assert_eq!(SlotFile::new(&path).load().unwrap(), None);
        }
    }
}
