//! What pages load: one sheet, two scripts, fonts. All of it is inside the program, under addresses that carry a digest and so may be kept for ever;
//! nothing is loaded from elsewhere. Versions and licences of what others wrote are in `third_party/README.md`.

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::problem::{Problem, table};

/// A file inside the program.
struct Asset {
    /// Its name in pages.
    name: &'static str,
    media: &'static str,
    bytes: &'static [u8],
}

macro_rules! assets {
    ($($name:literal, $media:literal, $path:literal;)*) => {
        &[$(Asset { name: $name, media: $media, bytes: include_bytes!($path) },)*]
    };
}

static ASSETS: &[Asset] = assets! {
    "console.css", "text/css; charset=utf-8", "../../assets/console.css";
    "console.js", "text/javascript; charset=utf-8", "../../assets/console.js";
    "htmx.js", "text/javascript; charset=utf-8", "../../../../third_party/htmx/htmx-4.0.1.min.js";
    "noto-sans-burmese-400.woff2", "font/woff2", "../../../../third_party/fonts/noto-sans-burmese-400.woff2";
    "noto-sans-burmese-700.woff2", "font/woff2", "../../../../third_party/fonts/noto-sans-burmese-700.woff2";
    "noto-sans-khmer-400.woff2", "font/woff2", "../../../../third_party/fonts/noto-sans-khmer-400.woff2";
    "noto-sans-khmer-700.woff2", "font/woff2", "../../../../third_party/fonts/noto-sans-khmer-700.woff2";
    "noto-sans-lao-400.woff2", "font/woff2", "../../../../third_party/fonts/noto-sans-lao-400.woff2";
    "noto-sans-lao-700.woff2", "font/woff2", "../../../../third_party/fonts/noto-sans-lao-700.woff2";
    "noto-sans-myanmar-400.woff2", "font/woff2", "../../../../third_party/fonts/noto-sans-myanmar-400.woff2";
    "noto-sans-myanmar-700.woff2", "font/woff2", "../../../../third_party/fonts/noto-sans-myanmar-700.woff2";
    "noto-sans-names.woff2", "font/woff2", "../../../../third_party/fonts/noto-sans-names.woff2";
    "noto-sans-tamil-400.woff2", "font/woff2", "../../../../third_party/fonts/noto-sans-tamil-400.woff2";
    "noto-sans-tamil-700.woff2", "font/woff2", "../../../../third_party/fonts/noto-sans-tamil-700.woff2";
    "noto-sans-thai-400.woff2", "font/woff2", "../../../../third_party/fonts/noto-sans-thai-400.woff2";
    "noto-sans-thai-700.woff2", "font/woff2", "../../../../third_party/fonts/noto-sans-thai-700.woff2";
};

/// The sheet that names the fonts. Their addresses are written into it, and so its own digest changes with them.
const FONTS: &str = include_str!("../../../../third_party/fonts/fonts.css");

/// A file under its address.
struct Served {
    name: &'static str,
    address: String,
    media: &'static str,
    bytes: Cow<'static, [u8]>,
}

fn served(name: &'static str, media: &'static str, bytes: Cow<'static, [u8]>) -> Served {
    let digest: String = gotong_crypto::sha256(&bytes).to_text().chars().take(12).collect();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "bin"));
    Served { address: format!("{stem}.{digest}.{ending}"), name, media, bytes }
}

static SERVED: LazyLock<Vec<Served>> = LazyLock::new(|| {
    let mut all: Vec<Served> =
        ASSETS.iter().map(|asset| served(asset.name, asset.media, Cow::Borrowed(asset.bytes))).collect();
    let fonts = all.iter().filter(|one| one.media == "font/woff2");
    let sheet = fonts.fold(FONTS.to_owned(), |sheet, font| {
        sheet.replace(&format!("url(\"{}\")", font.name), &format!("url(\"{}\")", font.address))
    });
    all.push(served("fonts.css", "text/css; charset=utf-8", Cow::Owned(sheet.into_bytes())));
    all
});

/// Where a page finds one of them. A name that is none is a fault of the page, seen at once in its test.
pub(crate) fn address(name: &str) -> String {
    let found = SERVED.iter().find(|one| one.name == name);
    found.map_or_else(|| format!("/assets/missing/{name}"), |one| format!("/assets/{}", one.address))
}

/// One of them, by the address that a page gave.
pub(super) async fn show(Path(file): Path<String>) -> Result<Response, Problem> {
    let found = SERVED.iter().find(|one| one.address == file);
    let asset = found.ok_or_else(|| Problem::of(&table::NOT_FOUND))?;
    let mut response = match &asset.bytes {
        Cow::Borrowed(bytes) => bytes.into_response(),
        Cow::Owned(bytes) => bytes.as_slice().into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.media));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_an_address_of_its_own_and_a_type() {
        let mut seen: Vec<&String> = SERVED.iter().map(|one| &one.address).collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), ASSETS.len() + 1);
        assert!(SERVED.iter().all(|asset| !asset.bytes.is_empty() && !asset.media.is_empty()));
        assert!(address("console.css").starts_with("/assets/console."));
        assert!(address("none").contains("missing"));
    }

    #[test]
    fn the_sheet_of_fonts_names_every_font_under_the_address_that_it_has() {
        let sheet = SERVED.iter().find(|one| one.name == "fonts.css").unwrap();
        let sheet = std::str::from_utf8(&sheet.bytes).unwrap();
        let fonts: Vec<&Served> = SERVED.iter().filter(|one| one.media == "font/woff2").collect();
        assert!(fonts.iter().all(|font| sheet.contains(&format!("url(\"{}\")", font.address))));
        assert_eq!(sheet.matches("url(").count(), fonts.len());
    }
}
