withdraw-title = திரும்பப் பெறுதல்
withdraw-text = வைத்திருக்கும் ஒவ்வொருவரும் இதன் எல்லாப் பதிப்புகளையும் அழிக்கும்படி கேட்கப்படுவர்; அழித்ததும் அவர்களின் முனைகள் தெரிவிக்கும். வேறிடத்தில் நகலெடுக்கப்பட்டதை மீட்க முடியாது.
withdraw-relabel-title = லேபிளை மாற்றுதல்
withdraw-relabel-text = கடுமையான லேபிள் இனி எல்லாப் பதிப்புகளையும் கட்டுப்படுத்தும். ஒரு சேனல் அனுமதிப்பதைவிட லேபிள் கடுமையானால், அங்கே பொருள் திரும்பப் பெறப்படும்.
withdraw-where = எங்கே
withdraw-asked = கேட்கப்படுவோர்:
withdraw-reason = காரணம்
withdraw-reason-error = தகவல் தவறானது
withdraw-reason-agreement = ஒப்பந்தம் கோருகிறது
withdraw-reason-legal = சட்டம் கோருகிறது
withdraw-reason-personal-data = தனிப்பட்ட தரவு உள்ளது
withdraw-reason-request = ஒருவர் கேட்டார்
withdraw-reason-other = வேறு காரணம்
withdraw-act = திரும்பப் பெறுக
withdraw-leave = அப்படியே விடுக
withdraw-new-label = புதிய லேபிள்
withdraw-relabel-act = மாற்றுக
withdraw-now = உடனே, செயல்தவிர்க்க முடியாதவாறு
withdraw-parts = இது குறிப்பிடுபவற்றில் வேறு எதுவும் குறிப்பிடாதவற்றையும் திரும்பப் பெறுக
withdraw-parts-stay = இது குறிப்பிடுபவை தம் லேபிள்களையே கொண்டிருக்கும்: அவற்றைத் தனியாக மாற்றுக.
withdraw-nothing-chosen = எதுவும் செய்யப்படவில்லை: இடத்தையும், காரணம் அல்லது லேபிளையும் தேர்க.
withdraw-again = மீண்டும் தேர்க
withdraw-onward = எல்லாப் பதிவுகள்
withdraw-listed = அங்கே திரும்பப் பெறப்பட்டவை, அவற்றை அழித்தவர்கள்
withdraw-line-done = முடிந்தது; வைத்திருப்போரிடம் கேட்கப்பட்டது
withdraw-line-none = உங்களுடையது எதுவும் அங்கே இல்லை
withdraw-line-refused = செய்யப்படவில்லை
withdraw-outcome-withdraw = { $entries ->
    [0] எதுவும் திரும்பப் பெறப்படவில்லை.
    [one] { $entries } உள்ளீடு திரும்பப் பெறப்பட்டது. வைத்திருக்கும் ஒவ்வொருவரும் அதை அழிக்கும்படி கேட்கப்படுவர்.
   *[other] { $entries } உள்ளீடுகள் திரும்பப் பெறப்பட்டன. வைத்திருக்கும் ஒவ்வொருவரும் அவற்றை அழிக்கும்படி கேட்கப்படுவர்.
}
withdraw-outcome-relabel = { $entries ->
    [0] எந்த லேபிளும் மாற்றப்படவில்லை.
    [one] { $entries } உள்ளீட்டின் லேபிள் மாற்றப்பட்டது.
   *[other] { $entries } உள்ளீடுகளின் லேபிள்கள் மாற்றப்பட்டன.
}
withdraw-reason-superseded = இதற்குப் பதிலாகப் புதியது உள்ளது
withdraw-reason-source-request = இதன் மூலம் கேட்டது
withdraw-reason-privacy = ஒருவரைப் பற்றி மிக அதிகம் கூறுகிறது
withdraw-reason-retention = வைத்திருக்கக்கூடிய காலம் முடிந்தது
withdraw-reason-relabelled = இதன் லேபிள் சேனல் ஏற்பதற்கு அப்பால் மாற்றப்பட்டது
