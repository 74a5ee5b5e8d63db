//! Where lines of Thai, Lao, Khmer and Burmese may break: those scripts have no spaces between words, and not every browser has a dictionary.
//!
//! For our own titles and buttons alone. What people wrote, and every value that somebody may copy, stays untouched; `<wbr>` and not U+200B,
//! because a space of no width would travel into what is copied.

use icu_segmenter::LineSegmenter;
use icu_segmenter::options::LineBreakOptions;

/// A text of ours as HTML: escaped, with `<wbr>` between words of scripts that have no spaces.
pub fn broken(text: &str) -> String {
    if !text.chars().any(is_without_spaces) {
        return escaped(text);
    }
    let segmenter = LineSegmenter::new_dictionary(LineBreakOptions::default());
    let mut out = String::with_capacity(text.len() * 2);
    let mut from = 0;
    for to in segmenter.segment_str(text) {
        let Some(piece) = text.get(from..to) else { continue };
        let before = text.get(..from).and_then(|before| before.chars().next_back());
        if before.is_some_and(is_without_spaces) && piece.chars().next().is_some_and(is_without_spaces) {
            out.push_str("<wbr>");
        }
        out.push_str(&escaped(piece));
        from = to;
    }
    out
}

/// A text as HTML: the five signs that mean something there are written out.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Letters of Thai, Lao, Myanmar and Khmer.
fn is_without_spaces(sign: char) -> bool {
    matches!(sign, '\u{0e01}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{a9e0}'..='\u{a9fe}' | '\u{aa60}'..='\u{aa7f}')
}

#[cfg(test)]
mod tests {
    use super::broken;

    #[test]
    fn scripts_without_spaces_break_between_words() {
        assert_eq!(broken("สวัสดีชาวโลก"), "สวัสดี<wbr>ชาว<wbr>โลก");
        for text in ["ຂໍ້ມູນຂ່າວສານ", "ព័ត៌មានសន្តិសុខ", "သတင်းအချက်အလက်"]
        {
            let html = broken(text);
            assert!(html.contains("<wbr>"), "{html}");
            assert_eq!(html.replace("<wbr>", ""), text, "nothing but breaks is added");
        }
    }

    #[test]
    fn other_text_is_escaped_and_nothing_more() {
        assert_eq!(broken("Share & withdraw, 100 %"), "Share &amp; withdraw, 100 %");
        assert_eq!(broken("<b onclick='x'>\"ไทย\""), "&lt;b onclick=&#39;x&#39;&gt;&quot;ไทย&quot;");
        assert_eq!(broken("Chia sẻ thông tin"), "Chia sẻ thông tin");
        assert_eq!(broken(""), "");
    }
}
