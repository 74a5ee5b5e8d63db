audit-title = தணிக்கை
audit-about = ஒருவரின் அல்லது நிரலின் ஒவ்வொரு செயலும் இங்கே ஒரு வரியை விட்டுச் செல்கிறது. எந்தப் பக்கமும் எந்த நிரலும் அதை மாற்றவோ நீக்கவோ முடியாது.
audit-filter = எந்தச் செயல்கள்
audit-who = யார்
audit-everybody = அனைவரும்
audit-act = செயல்
audit-show = காட்டுக
audit-clear = எல்லாவற்றையும் காட்டுக
audit-csv = CSV ஆகப் பதிவிறக்குக
audit-caption = புதியவை முதலில்.
audit-count = { $count ->
    [one] மொத்தம் { $count } வரி.
   *[other] மொத்தம் { $count } வரிகள்.
}
audit-when = எப்போது
audit-what = எதைப் பற்றி
audit-none = இன்னும் எதுவும் செய்யப்படவில்லை.
audit-none-such = யாரும் அதைச் செய்யவில்லை.
audit-none-such-next = வேறொருவரை அல்லது வேறு செயலைத் தேர்க.
audit-none-so-far = புதிய வரிகளில் அத்தகைய செயல் இல்லை.
audit-none-so-far-next = பழைய வரிகள் கீழுள்ள இணைப்பில் உள்ளன.
audit-pages = பக்கங்கள்
audit-newest = புதியவை
audit-older = பழையவை
