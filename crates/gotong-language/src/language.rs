//! The languages of pages: their tags, their names in themselves, and which of them a browser asks for.
//!
//! It decides nothing about a person: what somebody chose stands in their settings, and this is asked only where nothing was chosen.

/// A language of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// English: the source of all others.
    English,
    /// Vietnamese.
    Vietnamese,
    /// French.
    French,
    /// Indonesian.
    Indonesian,
    /// Malay.
    Malay,
    /// Thai.
    Thai,
    /// Filipino.
    Filipino,
    /// Khmer.
    Khmer,
    /// Lao.
    Lao,
    /// Burmese.
    Burmese,
    /// Chinese, in simplified characters.
    Chinese,
    /// Tamil.
    Tamil,
    /// Portuguese, as Timor-Leste writes it.
    Portuguese,
    /// Tetum.
    Tetum,
}

impl Language {
    /// All of them, English first.
    pub const ALL: [Self; 14] = [
        Self::English,
        Self::Vietnamese,
        Self::French,
        Self::Indonesian,
        Self::Malay,
        Self::Thai,
        Self::Filipino,
        Self::Khmer,
        Self::Lao,
        Self::Burmese,
        Self::Chinese,
        Self::Tamil,
        Self::Portuguese,
        Self::Tetum,
    ];

    /// As `lang=` and settings name it (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Vietnamese => "vi",
            Self::French => "fr",
            Self::Indonesian => "id",
            Self::Malay => "ms",
            Self::Thai => "th",
            Self::Filipino => "fil",
            Self::Khmer => "km",
            Self::Lao => "lo",
            Self::Burmese => "my",
            Self::Chinese => "zh",
            Self::Tamil => "ta",
            Self::Portuguese => "pt",
            Self::Tetum => "tet",
        }
    }

    /// Its name in itself: how somebody finds it who reads no other.
    pub const fn native_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Vietnamese => "Tiếng Việt",
            Self::French => "Français",
            Self::Indonesian => "Bahasa Indonesia",
            Self::Malay => "Bahasa Melayu",
            Self::Thai => "ไทย",
            Self::Filipino => "Filipino",
            Self::Khmer => "ខ្មែរ",
            Self::Lao => "ລາວ",
            Self::Burmese => "မြန်မာ",
            Self::Chinese => "中文",
            Self::Tamil => "தமிழ்",
            Self::Portuguese => "Português",
            Self::Tetum => "Tetun",
        }
    }

    /// Its name in English, for operators.
    pub const fn english_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Vietnamese => "Vietnamese",
            Self::French => "French",
            Self::Indonesian => "Indonesian",
            Self::Malay => "Malay",
            Self::Thai => "Thai",
            Self::Filipino => "Filipino",
            Self::Khmer => "Khmer",
            Self::Lao => "Lao",
            Self::Burmese => "Burmese",
            Self::Chinese => "Chinese",
            Self::Tamil => "Tamil",
            Self::Portuguese => "Portuguese",
            Self::Tetum => "Tetum",
        }
    }

    /// The language of a tag, whatever region or script stands behind it: `th-TH` is Thai. The older tags `tl`, `in` and `zsm` are understood.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let first = tag.split(['-', '_']).next().unwrap_or_default();
        let first = match first.to_ascii_lowercase().as_str() {
            "tl" => "fil".to_owned(),
            "in" => "id".to_owned(),
            "zsm" => "ms".to_owned(),
            other => other.to_owned(),
        };
        Self::ALL.into_iter().find(|language| language.tag() == first)
    }

    /// Which language an `Accept-Language` header asks for; none if it names none of ours. At most 32 of its parts are read.
    pub fn negotiate(accept_language: &str) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        for part in accept_language.split(',').take(PARTS_MAX) {
            let mut fields = part.split(';');
            let Some(language) = Self::from_tag(fields.next().unwrap_or_default().trim()) else { continue };
            let weight = fields.find_map(|field| field.trim().strip_prefix("q=")).map_or(Some(1000), thousandths);
            let Some(weight) = weight.filter(|weight| *weight > 0) else { continue };
            // Of two that weigh the same the first counts, as browsers write them.
            if best.is_none_or(|(so_far, _)| weight > so_far) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }

    /// By which locale's habits numbers are written. Tetum has no entry of its own in CLDR; Timor-Leste writes its numbers as in Portuguese.
    pub(crate) const fn locale_of_numbers(self) -> &'static str {
        if matches!(self, Self::Portuguese | Self::Tetum) {
            return "pt-TL";
        }
        // Digits stay those of the logs, so that a count on a page and in a file can be compared at sight.
        if matches!(self, Self::Burmese) { "my-u-nu-latn" } else { self.tag() }
    }
}

/// Browsers send five or six.
const PARTS_MAX: usize = 32;

/// A weight of RFC 9110, `0` to `1` with at most three decimals, in thousandths.
fn thousandths(text: &str) -> Option<u16> {
    let (ones, decimals) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    match (ones, decimals) {
        ("0", decimals) => Some(decimals),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn every_tag_leads_back_to_its_language() {
        for language in Language::ALL {
            assert_eq!(Language::from_tag(language.tag()), Some(language));
            assert_eq!(Language::from_tag(&format!("{}-XX", language.tag().to_uppercase())), Some(language));
        }
        assert_eq!(Language::from_tag("tl"), Some(Language::Filipino));
        assert_eq!(Language::from_tag("xx"), None);
        assert_eq!(Language::from_tag(""), None);
    }

    #[test]
    fn what_a_browser_weighs_most_is_chosen_among_ours() {
        assert_eq!(Language::negotiate("th-TH,th;q=0.9,en;q=0.8"), Some(Language::Thai));
        assert_eq!(Language::negotiate("de-DE, en;q=0.5, lo;q=0.75"), Some(Language::Lao));
        assert_eq!(Language::negotiate("ms;q=0, en;q=0.001"), Some(Language::English));
        assert_eq!(Language::negotiate("de, *;q=0.5"), None);
        assert_eq!(Language::negotiate("km;q=7, my;q=0.12345, vi;q=-1"), None, "weights that are none do not count");
        assert_eq!(Language::negotiate(&"de,".repeat(40_000)), None);
        assert_eq!(
            Language::negotiate(&format!("{}th", "de,".repeat(32))),
            None,
            "a part behind the bound is not read"
        );
        assert_eq!(
            Language::negotiate(&format!("{}th", "de,".repeat(31))),
            Some(Language::Thai),
            "and one before it is"
        );
    }
}
