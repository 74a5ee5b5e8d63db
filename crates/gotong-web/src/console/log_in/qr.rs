//! A QR code as an SVG of one path: dark squares on white, whatever the page's colours are, so that every camera reads it.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};

/// White squares around it, as the standard asks for.
const MARGIN: i32 = 4;

/// The code of a text; nothing where the text is too long for one.
pub(crate) fn svg(text: &str, label: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * MARGIN;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            // Writing to a string does not fail.
            let _ = write!(path, "M{} {}h1v1h-1z", x + MARGIN, y + MARGIN);
        }
    }
    let label = label.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    Some(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" width=\"240\" height=\"240\" role=\"img\" aria-label=\"{label}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_nothing_that_runs() {
        let svg = svg("otpauth://totp/Gotong%20id:ann?secret=AAAA", "a \"code\" <b>").unwrap();
        // The outer edge of the corner at the top left: seven dark squares behind the margin.
        for x in 4..11 {
            assert!(svg.contains(&format!("M{x} 4h1v1h-1z")), "{x}");
        }
        assert!(svg.contains("aria-label=\"a &quot;code&quot; &lt;b>\"") && !svg.contains("script"));
        assert!(super::svg(&"x".repeat(5_000), "").is_none());
    }
}
