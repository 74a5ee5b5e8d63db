waiting-title = அலுவலரின் முடிவுக்காகக் காத்திருக்கிறது
waiting-about = இந்தப் பதிவுகள் வெளியீட்டுக்காக அனுப்பப்பட்டவை; இவற்றில் ஏதோ ஒன்றுக்கு முதலில் அலுவலரின் முடிவு தேவை. வெளியே யாரும் இவற்றை இன்னும் பார்க்கவில்லை.
waiting-none = எதுவும் காத்திருக்கவில்லை
waiting-none-text = முடிவு தேவைப்படுபவை இங்கே காட்டப்படும்.
waiting-no-more = மேலும் எதுவும் காத்திருக்கவில்லை
waiting-first = தொடக்கத்திற்குத் திரும்புக
waiting-only-look = நீங்கள் பார்க்கலாம். முடிவெடுப்பது வெளியீட்டு அலுவலர்.
waiting-caption = பழையவை முதலில்
waiting-choose = தேர்க
waiting-what = எது
waiting-why = காத்திருக்கக் காரணம்
waiting-all-shown = { $count ->
    [one] இங்கே காட்டப்படும் { $count } பதிவு
   *[other] இங்கே காட்டப்படும் { $count } பதிவுகளும்
}
waiting-release = தேர்ந்தவற்றை வெளியிடுக
waiting-drop = தேர்ந்தவற்றைக் கைவிடுக
waiting-decide-about = அனுமதிக்கப்பட்டது அதன் சேனலில் உடனே வெளியிடப்படும். கைவிடப்பட்டது அழிக்கப்படும்; மீட்க முடியாது.
waiting-next = மேலும்
waiting-one-title = காத்திருப்பது, எண்
waiting-sender = அனுப்பியவர்
waiting-contents = உள்ளடக்கம்
waiting-release-one = வெளியிடுக
waiting-drop-one = கைவிடுக
waiting-nothing-chosen = எதுவும் செய்யப்படவில்லை: எதுவும் தேர்ந்தெடுக்கப்படவில்லை.
waiting-onward = இன்னும் காத்திருப்பவை
waiting-released = { $count ->
    [0] எதுவும் வெளியிடப்படவில்லை.
    [one] { $count } பதிவு வெளியிடப்பட்டது.
   *[other] { $count } பதிவுகள் வெளியிடப்பட்டன.
}
waiting-dropped = { $count ->
    [0] எதுவும் கைவிடப்படவில்லை.
    [one] { $count } பதிவு கைவிடப்பட்டது.
   *[other] { $count } பதிவுகள் கைவிடப்பட்டன.
}
waiting-line-released = வெளியிடப்பட்டது
waiting-line-known = முன்பே வெளியிடப்பட்டது
waiting-line-refused = மறுக்கப்பட்டது; இன்னும் இங்கே காத்திருக்கிறது
waiting-line-waits = இன்னும் காத்திருக்கிறது
waiting-line-dropped = கைவிடப்பட்டு அழிக்கப்பட்டது
waiting-line-gone = இனி காத்திருக்கவில்லை: ஒருவர் ஏற்கனவே முடிவு செய்துவிட்டார்
