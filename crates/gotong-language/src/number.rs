//! Numbers as each language writes them: `12,345.6`, `12.345,6`, `12 345,6`; always in Latin digits, as logs and files have them.
//!
//! Not for indicators, ids, sizes of logs that people compare, or anything that is copied: those stand as they are.

use fixed_decimal::Decimal;
use icu_decimal::DecimalFormatter;
use icu_locale_core::Locale;

use crate::language::Language;

/// A whole number.
pub fn whole(language: Language, number: i64) -> String {
    formatted(language, &Decimal::from(number))
}

/// A number in tenths, hundredths and so on: `decimal(language, 12345, 1)` is 1,234.5.
pub fn decimal(language: Language, digits: i64, decimals: u8) -> String {
    let mut value = Decimal::from(digits);
    value.multiply_pow10(-i16::from(decimals));
    formatted(language, &value)
}

/// As `decimal`, of a value that was read from text such as `1234.50`; text that is no number stays as it is.
pub(crate) fn of_text(language: Language, text: &str) -> String {
    Decimal::try_from_str(text).map_or_else(|_| text.to_owned(), |value| formatted(language, &value))
}

fn formatted(language: Language, value: &Decimal) -> String {
    let locale = Locale::try_from_str(language.locale_of_numbers()).unwrap_or(Locale::UNKNOWN);
    // All locales have data; where one had none, the digits alone are still the number.
    DecimalFormatter::try_new(locale.into(), icu_decimal::options::DecimalFormatterOptions::default())
        .map_or_else(|_| value.to_string(), |formatter| formatter.format(value).to_string())
}

#[cfg(test)]
mod tests {
    use super::{decimal, of_text, whole};
    use crate::language::Language;

    #[test]
    fn each_language_groups_and_separates_as_its_readers_do() {
        let written = |language| (whole(language, -12_345_678), decimal(language, 123_456, 1));
        assert_eq!(written(Language::English), ("-12,345,678".to_owned(), "12,345.6".to_owned()));
        assert_eq!(written(Language::Vietnamese), ("-12.345.678".to_owned(), "12.345,6".to_owned()));
        assert_eq!(written(Language::French), ("-12\u{202f}345\u{202f}678".to_owned(), "12\u{202f}345,6".to_owned()));
        assert_eq!(written(Language::Tamil), ("-1,23,45,678".to_owned(), "12,345.6".to_owned()), "lakh and crore");
        assert_eq!(written(Language::Tetum), written(Language::Portuguese));
        assert_eq!(written(Language::Thai), written(Language::English));
    }

    #[test]
    fn digits_are_latin_in_every_language() {
        for language in Language::ALL {
            let text = whole(language, 9_876_543_210);
            assert_eq!(text.chars().filter(char::is_ascii_digit).count(), 10, "{language:?}: {text}");
            assert_eq!(whole(language, 7), "7");
        }
    }

    #[test]
    fn text_that_is_no_number_stays() {
        assert_eq!(of_text(Language::English, "1234.50"), "1,234.50");
        assert_eq!(of_text(Language::English, "many"), "many");
    }
}
