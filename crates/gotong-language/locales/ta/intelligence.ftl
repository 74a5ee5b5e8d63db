intelligence-title = உளவுத் தகவல்
intelligence-caption = புதியவை முதலில், அவற்றின் நேரப்படி
intelligence-caption-arrived = கடைசியாக வந்தது முதலில்
intelligence-order = வரிசை
intelligence-any = ஏதேனும்
intelligence-label-max = இந்த லேபிள் வரை
intelligence-filter = காட்டுக
intelligence-clear = எல்லாவற்றையும் காட்டுக
intelligence-next = பழையவை
intelligence-wrong = இந்த முகவரியில் ஒரு பகுதி புரியவில்லை; எனவே அதற்கு எதுவும் காட்டப்படவில்லை.
intelligence-none-match = இந்த வடிப்பான்களுக்கு எதுவும் பொருந்தவில்லை.
intelligence-none-yet = இதுவரை பார்த்த பதிவுகளில் எதுவும் பொருந்தவில்லை.
intelligence-more-hits = (மேலும் உள்ளன)
intelligence-no-hit = நீங்கள் பார்க்கக்கூடிய எதுவும் இதற்குப் பொருந்தவில்லை.
intelligence-no-hit-text = தேடியது:
intelligence-no-hit-where = நீங்கள் வாசிக்கும் சேனல்களில்:
intelligence-similar = இவ்வாறு எழுதப்பட்டது எதுவும் இல்லை; இவை ஏறக்குறைய இவ்வாறு எழுதப்பட்டவை.
intelligence-rebuilding = முனை தன் சுட்டுகளை மீண்டும் அமைக்கிறது: சற்று நேரம் ஏதேனும் விடுபட்டிருக்கலாம்.
intelligence-outside-only = இவ்வலையமைப்பினுள் எதுவும் தேடப்படவில்லை: அது மிக அகலமானது, அல்லது எண்ணிக்கை மிகுதி. அதன் பகுதிகளைத் தேடுங்கள்; ஒவ்வொன்றும் அதிகபட்சம் /16 (IPv4) அல்லது /48 (IPv6).
intelligence-next-found = மேலும்
intelligence-found = { $count ->
    [one] { $count } பதிவு பொருந்துகிறது
   *[other] { $count } பதிவுகள் பொருந்துகின்றன
}
intelligence-found-more = { $count }-க்கு மேற்பட்ட பதிவுகள் பொருந்துகின்றன
intelligence-why-id = இதன் அடையாளம்
intelligence-why-value = இம்மதிப்பைக் குறிப்பிடுகிறது
intelligence-why-network = இதைக் கொண்ட வலையமைப்பைக் குறிப்பிடுகிறது
intelligence-why-within = இவ்வலையமைப்பினுள் உள்ளதைக் குறிப்பிடுகிறது
intelligence-why-domain = இதற்கு மேலுள்ள டொமைனைக் குறிப்பிடுகிறது
intelligence-why-url = இந்தப் புரவலனில் உள்ள URL ஐக் குறிப்பிடுகிறது
intelligence-why-exact-name = இப்பெயர் கொண்டது
intelligence-why-word = இச்சொல் உள்ளது
intelligence-why-accents = இச்சொல் வேறு குறிகளுடன் உள்ளது
intelligence-why-beginning = ஒரு சொல் இவ்வாறு தொடங்குகிறது
intelligence-why-part = உரையினுள் இது உள்ளது
intelligence-why-similar = ஏறக்குறைய இவ்வாறு எழுதப்பட்ட சொல்
