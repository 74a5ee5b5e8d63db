channels-title = சேனல்கள்
channels-about = சேனல் என்பது உறுப்பினர்கள் பகிரும் இடம். நீங்கள் வாசிக்கக்கூடியவை இங்கே காட்டப்படும்.
channels-caption = பெயர் வாரியாக
channels-none = உங்களுக்குத் திறந்த சேனல் எதுவும் இல்லை
channels-none-text = உங்களைக் குறிப்பிடும் ஒப்பந்தம் நடைமுறையில் வரும்போது சேனல் திறக்கும்.
channels-governing = விதிகள் பயணிக்கும் இடம்
channels-governing-about = இந்தச் சேனல்களில் உறுப்பினர்கள் சாசனங்கள், ஒப்பந்தங்கள், அறிவிப்புகளை ஒருவருக்கொருவர் தெரிவிக்கின்றனர். யாரும் இங்கே கைமுறையாக வெளியிடுவதில்லை.
channels-governing-caption = சாசனத்தின், ஒப்பந்தங்களின் சேனல்கள்
channels-ceiling = மிகக் கடுமையான லேபிள்
channels-audience = வாசிப்பவர்கள்
channels-agreement = ஒப்பந்தம்
channels-state = நிலை
channels-exercise = பயிற்சி
channels-in-force = நடைமுறையில் உள்ளது
channels-not-in-force = நடைமுறையில் இல்லை
channels-may-publish = நீங்கள் வெளியிடலாம்
channels-share = இங்கே பகிர்க
channels-intelligence = இந்தச் சேனலில் உள்ளவை
channels-rules = இங்குள்ள விதிகள்
channels-readers = வாசிப்பவர்கள்
channels-writers = எழுதுபவர்கள்
channels-publish = வெளியீடு
channels-publish-yes = நீங்கள் இங்கே வெளியிடலாம்.
channels-publish-no = இப்போது நீங்கள் இங்கே வெளியிட முடியாது.
channels-kinds = பதிவுகளின் வகைகள்
channels-onward = பிறருக்குக் கொடுத்தல்
channels-onward-none = பெற்ற தரப்புக்கு அப்பால் இல்லை
channels-onward-constituents = அத்தரப்பிடம் சேவை பெறும் அமைப்புகளுக்கு
channels-onward-public = யாருக்கும்
channels-personal = தனிப்பட்ட தரவு
channels-personal-none = வெளியிடக் கூடாது
channels-personal-pseudonymised = புனைபெயரிட்டால் மட்டும்
channels-personal-permitted = அனுமதிக்கப்படுகிறது
channels-retention = வைத்திருக்கும் காலம்
channels-retention-none = வரம்பில்லை
channels-retention-days = { $count ->
    [one] { $count } நாள், பின்னர் அழிக்கப்படும்
   *[other] { $count } நாள்கள், பின்னர் அழிக்கப்படும்
}
channels-backlog = புதிதாக வருபவர் காண்பது
channels-backlog-all = தொடக்கம் முதல் எல்லாம்
channels-backlog-none = சேர்ந்த பின் வருபவை மட்டும்
channels-exit = ஓர் உறுப்பினரின் பங்கேற்பு முடியும்போது
channels-exit-keep = பெற்றவை வைத்திருக்கப்படும்
channels-exit-freeze = பெற்றவற்றை வாசிக்கலாம்; பிறருக்குக் கொடுக்கவோ ஏற்றுமதி செய்யவோ கூடாது
channels-exit-erase = ஒவ்வொரு தரப்பும் தான் பெற்றவற்றை அழிக்கும்
channels-legal = சட்ட அடிப்படை
channels-from = முதல்
channels-until = வரை
channels-until-none = மறு அறிவிப்பு
channels-duties = செய்ய வேண்டியவையும், செய்யக் கூடாதவையும்
channels-everybody = அனைவரும்
channels-duty-acknowledge = வந்ததாகத் தெரிவித்தல்
channels-duty-answer = பதிலளித்தல்
channels-duty-notify = மற்ற தரப்புகளுக்குத் தெரிவித்தல்
channels-duty-delete = அழித்தல்
channels-within-minutes = { $count ->
    [one] { $count } நிமிடத்திற்குள்
   *[other] { $count } நிமிடங்களுக்குள்
}
channels-within-hours = { $count ->
    [one] { $count } மணி நேரத்திற்குள்
   *[other] { $count } மணி நேரத்திற்குள்
}
channels-within-days = { $count ->
    [one] { $count } நாளுக்குள்
   *[other] { $count } நாள்களுக்குள்
}
channels-forbidden-publish = வெளியிடக் கூடாது
channels-forbidden-read = வாசிக்கக் கூடாது
channels-forbidden-onward = பிறருக்குக் கொடுக்கக் கூடாது
channels-clauses = அடிப்படையான உட்பிரிவுகள்
channels-turns = மாறவிருப்பவை
channels-turns-none = அறிந்தவரை இங்கே எதுவும் மாறாது.
channels-turn-nobody = இதனால் யாருடைய உரிமையும் கூடாது, குறையாது.
channels-logs = பதிவேடுகள்
channels-logs-caption = ஒவ்வோர் ஆசிரியருக்கும் வரலாற்றுக்கும் ஒன்று
channels-logs-none = இங்கே இன்னும் யாரும் எழுதவில்லை
channels-logs-none-text = முதல் பதிவு ஒரு பதிவேட்டைத் திறக்கும்.
channels-entries = உள்ளீடுகள்
channels-origin = பதிவேட்டின் பெயர்
channels-log-whole = முழுமை
channels-log-withheld = { $count ->
    [one] { $count } உள்ளீட்டின் உள்ளடக்கம் வரவில்லை
   *[other] { $count } உள்ளீடுகளின் உள்ளடக்கம் வரவில்லை
}
channels-log-stopped = உள்ளீடு { $index } முதல் காட்டப்படவில்லை: புதிய நிரல் தேவை, அல்லது அதன் தொடக்கம் பிழையானது
channels-withdrawals = திரும்பப் பெறப்பட்டவை
channels-withdrawals-none = இங்கே எதுவும் திரும்பப் பெறப்படவில்லை.
channels-withdrawals-caption = திரும்பப் பெறப்பட்டதை அழித்தவர்கள்
channels-withdrawals-more = இங்கே காட்டப்படுவதை விட அதிகம் உள்ளன.
channels-range = உள்ளீடுகள்
channels-erased = அழித்ததாகக் கூறியவர்கள்
channels-erased-not = இன்னும் கூறாதவர்கள்
