//! What a simulated machine survives with: whether it runs, which fault comes next, and the checkpoint file.
//!
//! A fault is armed by the region's seed and fires once. After a crash nothing works until [`Disk::restart`]; the store is then as of its last
//! commit and the file as of its last swap. Read next: `store.rs`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gotong_app::ports::{CheckpointFile, Mark};
use gotong_store::Fault;

use crate::breakage::Breakage;

/// What goes wrong next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// The next commit finds no room.
    CommitFull,
    /// The next commit fails.
    CommitFails,
    /// Some write inside the next transaction finds no room.
    WriteFull,
    /// The machine stops before the next commit.
    CrashBeforeCommit,
    /// The machine stops after the next commit.
    CrashAfterCommit,
    /// The next swap of the checkpoint file fails.
    SwapFails,
    /// The machine stops before the next swap.
    CrashBeforeSwap,
    /// The machine stops after the next swap.
    CrashAfterSwap,
    /// The next wiping of free pages fails.
    WipeFails,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::CommitFull,
        Self::CommitFails,
        Self::WriteFull,
        Self::CrashBeforeCommit,
        Self::CrashAfterCommit,
        Self::SwapFails,
        Self::CrashBeforeSwap,
        Self::CrashAfterSwap,
        Self::WipeFails,
    ];
}

#[derive(Debug, Default)]
struct State {
    dead: bool,
    full: bool,
    armed: Option<Trouble>,
    /// Faults given out since somebody asked.
    fired: u64,
    durable: Option<Mark>,
    told: Option<Mark>,
}

/// One machine's disk.
#[derive(Debug)]
pub struct Disk {
    state: Mutex<State>,
    breakage: Option<Breakage>,
}

impl Disk {
    /// A disk without a checkpoint file.
    pub fn new(breakage: Option<Breakage>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), breakage })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How this disk is broken.
    pub fn breakage(&self) -> Option<Breakage> {
        self.breakage
    }

    /// Lets something go wrong soon.
    pub fn arm(&self, trouble: Trouble) {
        self.state().armed = Some(trouble);
    }

    /// Fills the disk, or frees it.
    pub fn fill(&self, full: bool) {
        self.state().full = full;
    }

    /// Stops the machine at once.
    pub fn crash(&self) {
        self.state().dead = true;
    }

    /// Whether the machine stands still.
    pub fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// Whether a fault was given out since this was last asked.
    pub fn take_fired(&self) -> bool {
        std::mem::take(&mut self.state().fired) > 0
    }

    /// The mark that would be read after a crash now.
    pub fn durable_mark(&self) -> Option<Mark> {
        self.state().durable
    }

    /// Starts the machine again; what was not on the disk is gone.
    pub fn restart(&self, file: Option<Option<Mark>>) {
        let mut state = self.state();
        state.dead = false;
        state.armed = None;
        if let Some(file) = file {
            state.durable = file;
        }
        state.told = state.durable;
    }

    /// No more trouble.
    pub fn heal(&self) {
        let mut state = self.state();
        state.armed = None;
        state.full = false;
    }

    /// Takes the trouble if it is one of these.
    pub(crate) fn fires(&self, troubles: &[Trouble]) -> Option<Trouble> {
        let mut state = self.state();
        let fires = state.armed.filter(|armed| troubles.contains(armed));
        if let Some(trouble) = fires {
            state.armed = None;
            state.fired += 1;
            state.dead |= matches!(
                trouble,
                Trouble::CrashBeforeCommit
                    | Trouble::CrashAfterCommit
                    | Trouble::CrashBeforeSwap
                    | Trouble::CrashAfterSwap
            );
        }
        fires
    }

    /// Fails where the machine stands still.
    pub(crate) fn alive(&self) -> Result<(), Fault> {
        let mut state = self.state();
        if state.dead {
            state.fired += 1;
            return Err(Fault::Io("the machine stands still".to_owned()));
        }
        Ok(())
    }

    /// Fails where there is no room.
    pub(crate) fn room(&self) -> Result<(), Fault> {
        let mut state = self.state();
        if state.full {
            state.fired += 1;
            return Err(Fault::Full);
        }
        Ok(())
    }
}

/// The checkpoint file of a machine.
pub struct SimFile(pub Arc<Disk>);

impl CheckpointFile for SimFile {
    fn load(&self) -> Result<Option<Mark>, Fault> {
        self.0.alive()?;
        Ok(self.0.state().told)
    }

    fn swap(&self, mark: Mark) -> Result<(), Fault> {
        self.0.alive()?;
        let fires = self.0.fires(&[Trouble::SwapFails, Trouble::CrashBeforeSwap, Trouble::CrashAfterSwap]);
        if matches!(fires, Some(Trouble::SwapFails | Trouble::CrashBeforeSwap)) {
            return Err(Fault::Io("the checkpoint file could not be written".to_owned()));
        }
        let mut state = self.0.state();
        // A file that does not sync has on the disk what was written the time before.
        state.durable = if self.0.breakage == Some(Breakage::UnsyncedFile) { state.told } else { Some(mark) };
        state.told = Some(mark);
        if fires == Some(Trouble::CrashAfterSwap) {
            return Err(Fault::Io("the machine stopped".to_owned()));
        }
        Ok(())
    }
}
