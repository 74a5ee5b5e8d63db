notifications-title = அறிவிப்புகள்
notifications-choose = சேமித்த தேடல்களும், உங்களுக்குத் தெரிவிக்கும் முறையும்
notifications-none = உங்களுக்கு இன்னும் எதுவும் தெரிவிக்கப்படவில்லை.
notifications-none-text = ஒரு தேடலைச் சேமித்து, அதன் முடிவுகளை எவ்வாறு தெரிவிக்க வேண்டும் எனத் தேர்க.
notifications-caption = உங்களுக்குத் தெரிவிக்கப்பட்டவை, புதியவை முதலில். 200 ஆனதும் மிகப் பழையவை நீங்கும்.
notifications-what = புதியவை
notifications-mark = வாசிக்க
notifications-read = வாசித்தது
notifications-read-one = வாசித்ததாகக் குறிக்க
notifications-read-all = எல்லாவற்றையும் வாசித்ததாகக் குறிக்க
notifications-waits-go = காத்திருப்பவற்றைப் பார்க்க
notifications-bell = { $count ->
    [one] நீங்கள் வாசிக்காத { $count } அறிவிப்பு
   *[other] நீங்கள் வாசிக்காத { $count } அறிவிப்புகள்
}
notifications-found = { $count ->
    [one] { $count } புதிய பதிவு
   *[other] { $count } புதிய பதிவுகள்
}
notifications-waits-duties = { $count ->
    [one] உங்களது { $count } கடமைக்குக் காலம் வந்தது.
   *[other] உங்களது { $count } கடமைகளுக்குக் காலம் வந்தது.
}
notifications-waits-records = { $count ->
    [one] { $count } பதிவு முடிவுக்காகக் காத்திருக்கிறது.
   *[other] { $count } பதிவுகள் முடிவுக்காகக் காத்திருக்கின்றன.
}
notifications-waits-second = { $count ->
    [one] பகிர வேண்டிய { $count } இரண்டாம் நபருக்காகக் காத்திருக்கிறது.
   *[other] பகிர வேண்டிய { $count } இரண்டாம் நபருக்காகக் காத்திருக்கின்றன.
}
notifications-mail-code-title = உங்கள் குறியீடு
notifications-mail-code = Gotong மின்னஞ்சல் இம்முகவரிக்கு வர வேண்டும் என ஒருவர், நீங்கள்தான் என நம்புகிறோம், கேட்டார். சேமித்த தேடல்களில் ஒரு மணி நேரத்திற்குள் இக்குறியீட்டை இடுக:
notifications-mail-code-not-you = அது நீங்கள் அல்லவெனில் எதுவும் செய்ய வேண்டாம்: வேறு மின்னஞ்சல் வராது.
notifications-mail-found = { $count ->
    [one] உங்கள் தேடலில் { $count } புதிய பதிவு
   *[other] உங்கள் தேடலில் { $count } புதிய பதிவுகள்
}
notifications-mail-above = { $label } வரை புதியது உள்ளது: பார்க்க உள்நுழைக
notifications-mail-waits = { $count ->
    [one] { $count } உங்களுக்காகக் காத்திருக்கிறது
   *[other] { $count } உங்களுக்காகக் காத்திருக்கின்றன
}
notifications-mail-foot = இம்மின்னஞ்சலை { $node } இடம் கேட்டீர்கள். வருபவற்றைச் சேமித்த தேடல்களில் தேரலாம்.
notifications-unread-one = மீண்டும் வாசிக்காததாகக் குறிக்க
notifications-marked-one = வாசித்ததாகக் குறிக்கப்பட்டது.
notifications-unmarked-one = மீண்டும் வாசிக்காதது.
notifications-undo-one = செயல்தவிர்க்க
notifications-marked = { $count ->
    [one] { $count } அறிவிப்பு வாசித்ததாகக் குறிக்கப்பட்டது
   *[other] { $count } அறிவிப்புகள் வாசித்ததாகக் குறிக்கப்பட்டன
}
notifications-none-marked = எல்லா அறிவிப்புகளும் ஏற்கனவே வாசித்தவை
notifications-undo = { $count ->
    [one] செயல்தவிர்க்க: இந்த { $count } ஐ மீண்டும் வாசிக்காததாகக் குறிக்க
   *[other] செயல்தவிர்க்க: இந்த { $count } ஐ மீண்டும் வாசிக்காதவையாகக் குறிக்க
}
notifications-unmarked = { $count ->
    [one] { $count } அறிவிப்பு மீண்டும் வாசிக்காததாகக் குறிக்கப்பட்டது
   *[other] { $count } அறிவிப்புகள் மீண்டும் வாசிக்காதவையாகக் குறிக்கப்பட்டன
}
notifications-none-unmarked = எதுவும் குறிக்கப்படவில்லை: அவை ஏற்கனவே வாசிக்காதவை, அல்லது இப்போது இல்லை
notifications-back = அறிவிப்புகளுக்குத் திரும்புக
