//! Builds that are broken on purpose, so that the checks can show that they see. Each is a wrapper around the product, which stays as it is.

/// A way of being broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Breakage {
    /// The store marks entries as erased and keeps their content.
    ForgetsErasure,
    /// The store keeps postings of what is withdrawn.
    KeepsPosting,
    /// The store does not keep the new label of an entry.
    KeepsLabel,
    /// The store wipes what it has erased when it likes, not when it is told.
    KeepsFreePages,
    /// A commit that fails leaves half of its writes behind.
    TornCommit,
    /// A crash loses the newest commit: the store does not sync.
    UnsyncedCommit,
    /// A crash brings back an old store together with its checkpoint file.
    OldBackup,
    /// The checkpoint file says that it is synced before it is.
    UnsyncedFile,
    /// The link takes frames as they come, without looking at proof and signature.
    UnverifiedFrame,
    /// The link acknowledges an erasure before it is finished.
    EarlyAcknowledgement,
    /// The server answers frames without asking who asks.
    AnyoneReads,
    /// The door drops what it cannot read, without a word.
    SilentDoor,
    /// Admission does not look at the basis: what has to wait for documents shows at once.
    IgnoresBasis,
    /// Documents that come late decide nothing again.
    NeverJudgesAgain,
    /// The server goes on serving whoever was of the audience once.
    ServesFormer,
    /// An organisation's list shows another's own channel.
    ListsAllOwn,
    /// A list of readers is not renewed when somebody leaves.
    KeepsReaders,
    /// A link goes on as before when the channels that it shares are others.
    OldFooting,
}

impl Breakage {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::ForgetsErasure,
        Self::KeepsPosting,
        Self::KeepsLabel,
        Self::KeepsFreePages,
        Self::TornCommit,
        Self::UnsyncedCommit,
        Self::OldBackup,
        Self::UnsyncedFile,
        Self::UnverifiedFrame,
        Self::EarlyAcknowledgement,
        Self::AnyoneReads,
        Self::SilentDoor,
        Self::IgnoresBasis,
        Self::NeverJudgesAgain,
        Self::ServesFormer,
        Self::ListsAllOwn,
        Self::KeepsReaders,
        Self::OldFooting,
    ];

    /// Its name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ForgetsErasure => "forgets-erasure",
            Self::KeepsPosting => "keeps-posting",
            Self::KeepsLabel => "keeps-label",
            Self::KeepsFreePages => "keeps-free-pages",
            Self::TornCommit => "torn-commit",
            Self::UnsyncedCommit => "unsynced-commit",
            Self::OldBackup => "old-backup",
            Self::UnsyncedFile => "unsynced-file",
            Self::UnverifiedFrame => "unverified-frame",
            Self::EarlyAcknowledgement => "early-acknowledgement",
            Self::AnyoneReads => "anyone-reads",
            Self::SilentDoor => "silent-door",
            Self::IgnoresBasis => "ignores-basis",
            Self::NeverJudgesAgain => "never-judges-again",
            Self::ServesFormer => "serves-former",
            Self::ListsAllOwn => "lists-all-own",
            Self::KeepsReaders => "keeps-readers",
            Self::OldFooting => "old-footing",
        }
    }

    /// Reads a name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|breakage| breakage.as_str() == text)
    }
}
