provenance-title = எங்கிருந்து வந்தது
provenance-verified = இப்போது சரிபார்க்கப்பட்டது: எல்லாம் சரி.
provenance-not-verified = எல்லாம் சரியில்லை.
provenance-withdrawn = இது திரும்பப் பெறப்பட்டது:
provenance-tombstone = திரும்பப் பெற்ற செயல்
provenance-download = சான்றை JSON ஆகப் பதிவிறக்குக
provenance-entry = உள்ளீடு
provenance-log = பதிவேடு
provenance-index = வரிசை எண்
provenance-author = ஆசிரியர்
provenance-published = வெளியிடப்பட்டது
provenance-arrived = இங்கே வந்தது
provenance-arrived-with = { $count ->
    [one] { $count } உள்ளீட்டுடன்
   *[other] { $count } உள்ளீடுகளுடன் ஒன்றாக
}
provenance-proof = ஆசிரியர் கையொப்பமிட்டது
provenance-proof-about = முழுப் பதிவேட்டின் வேருக்கு ஆசிரியர் கையொப்பமிட்டுள்ளார். படிகள் இந்த உள்ளீட்டிலிருந்து அந்த வேருக்குச் செல்கின்றன; எனவே ஆசிரியர் உட்பட யாரும் அறியாமல் உள்ளீட்டை மாற்ற முடியாது.
provenance-leaf = இலையின் ஹாஷ்
provenance-way = இலையிலிருந்து வேர் வரை
provenance-steps = { $count ->
    [0] படி இல்லை: இலையே வேர்
    [one] { $count } படி
   *[other] { $count } படிகள்
}
provenance-steps-all = படிகள், கீழிருந்து
provenance-root = வேர்
provenance-size = வேரின் கீழ் உள்ள உள்ளீடுகள்
provenance-key = கையொப்பமிட்ட சாவி
provenance-statement = சாவி உள்ள அறிக்கை
provenance-note = கையொப்பமிட்ட சோதனைப் புள்ளி
provenance-unsigned = புதிய உள்ளீடுகள் கையொப்பமிடப்படுகின்றன. சற்று நேரத்தில் மீண்டும் பார்க்க.
provenance-basis = இது ஏன் இங்கே இருக்கலாம்
provenance-agreement = { $name } ஒப்பந்தத்தின் கீழ்
provenance-admitted = அதன் உட்பிரிவுகள் அனுமதிக்கின்றன
provenance-not-admitted = அதன் உட்பிரிவுகள் அனுமதிக்கவில்லை
provenance-basis-charter = சாசனம்
provenance-basis-agreement = ஒப்பந்தம்
provenance-basis-notice = அறிவிப்பு
provenance-holders = வைத்திருப்பவர்கள்
provenance-holders-none = வேறு யாரும் இதை வைத்திருப்பதாக இன்னும் கூறவில்லை.
provenance-holders-caption = இந்த உள்ளீட்டைப் பற்றி மற்ற உறுப்பினர்கள் கூறியவை.
provenance-holder = உறுப்பினர்
provenance-says = கூறுவது
provenance-said-at = எப்போது
provenance-holds = சரிபார்த்தது
provenance-holds-not = இதுவரை வாசிக்கவில்லை
provenance-erased = அழித்தது
provenance-not-erased = இன்னும் அழிக்கவில்லை
