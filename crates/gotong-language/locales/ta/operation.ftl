operation-title = இயக்கம்
operation-all-well = எல்லாம் நன்று.
operation-some-mind = { $count ->
    [one] பார்க்க வேண்டியது { $count } உள்ளது.
   *[other] பார்க்க வேண்டியவை { $count } உள்ளன.
}
operation-some-wrong = { $count ->
    [one] தவறாக { $count } உள்ளது.
   *[other] தவறாக { $count } உள்ளன.
}
operation-checks = சோதனைகள்
operation-well = நன்றாக உள்ளவை
operation-checks-more = சாவிகளை யார் வாசிக்கலாம் என்பது போல, இயந்திரமே மட்டும் காட்டுவதைக் கூறும் கட்டளை
operation-verify = பதிவேடுகளைச் சரிபார்க்க
operation-look = பார்க்க
operation-copy = கட்டளையை நகலெடுக்க
operation-copied = கட்டளை நகலெடுக்கப்பட்டது
operation-word-warn = பார்க்க வேண்டியது
operation-word-bad = தவறு
operation-check-member = { $member } என்பவர் { $region } உறுப்பினர்
operation-check-member-none = சாசனம் { $member } என்ற பெயரில் உறுப்பினர் எவரையும் குறிப்பிடவில்லை
operation-next-member-none = இந்த முனை பங்கேற்க முடியாது. உங்களைக் குறிப்பிடும் சாசனத்தை வட்டாரத்தின் ஒருங்கிணைப்பாளரிடம் கேட்கவும்.
operation-check-statement = அறிக்கை { $serial } இந்த முனையின் சாவிகளைக் குறிப்பிடுகிறது
operation-check-statement-none = இந்த முனைக்கு அறிக்கை இல்லை; எனவே எந்த இணை முனையும் இதை ஏற்காது
operation-next-statement-none = மூலச் சாவியால் ஓர் அறிக்கைக்குக் கையொப்பமிடுக.
operation-check-statement-other-keys = மிகப் புதிய அறிக்கை இந்த முனையின் சாவிகள் அல்லாத வேறு சாவிகளைக் குறிப்பிடுகிறது
operation-next-statement-other-keys = மூலச் சாவியால் ஓர் அறிக்கைக்குக் கையொப்பமிடுக, அல்லது சரியான சாவிகளைக் காப்புப் பிரதியிலிருந்து மீட்கவும்.
operation-check-statement-no-address = அறிக்கை முகவரியைக் குறிப்பிடவில்லை; எனவே இணை முனைகள் இந்த முனையை அடைய முடியாது
operation-next-statement-no-address = gotong.toml கோப்பில் federation.address அமைத்து, பின்னர் ஓர் அறிக்கைக்குக் கையொப்பமிடுக.
operation-check-statements-missing = { $names } அறிக்கை எதுவும் தெரியவில்லை
operation-next-statements-missing = statement.note கோப்பை அவர்களிடம் கேட்டுச் சேர்க்க.
operation-check-agreements-none = ஒப்பந்தம் எதுவும் தெரியவில்லை; எனவே எதையும் பகிர முடியாது
operation-next-agreements-none = உங்கள் தொடர்பு அலுவலரிடம் உள்ள ஒப்பந்தக் கோப்பை ஏற்கவும்.
operation-check-agreement = ஒப்பந்தம் { $name } நடைமுறையில் உள்ளது
operation-check-agreement-over = ஒப்பந்தம் { $name } அதன் தேதிகளுக்கு வெளியே உள்ளது
operation-next-agreement-over = இயந்திரத்தின் கடிகாரத்தையும் தேதிகளையும் சரிபார்க்க. திருத்தம் ஒன்று அதை நீட்டிக்கலாம்.
operation-check-store = சேமிப்பகம் அதன் சோதனைப் புள்ளிக் கோப்பைவிடப் பின்தங்கவில்லை
operation-check-store-restored = சேமிப்பகம் அதிலிருந்து கையொப்பமிடப்பட்டதைவிடப் பழையது
operation-next-store-restored = அதன் இணை முனைகளைக் கேட்கும் வரை அது எதையும் வெளியிடாது. சோதனைப் புள்ளிக் கோப்பை ஒருபோதும் கைமுறையாக நகலெடுக்கவோ நீக்கவோ வேண்டாம்.
operation-check-mail = மின்னஞ்சல் செல்கிறது
operation-check-mail-failing = { $count ->
    [one] மின்னஞ்சல் செல்லவில்லை, { $count } செய்தி காத்திருக்கிறது: { $why }
   *[other] மின்னஞ்சல் செல்லவில்லை, { $count } செய்திகள் காத்திருக்கின்றன: { $why }
}
operation-next-mail-failing = மின்னஞ்சல் சேவையகத்தையும், அமைவில் அதன் பகுதியையும் பார்க்க. ஒவ்வொரு செய்தியும் மூன்று நாள்கள் முயலப்படும்.
operation-check-mail-wrong = காத்திருக்கும் செய்திகளை வாசிக்க முடியவில்லை: { $why }
operation-next-mail-wrong = சேமிப்பகத்தைக் காப்புப் பிரதியிலிருந்து மீட்கவும்.
operation-check-views = காட்சிகள் புதுப்பித்த நிலையில் உள்ளன
operation-check-views-behind = { $count ->
    [one] காட்சிகள் { $count } வரவு பின்தங்கியுள்ளன
   *[other] காட்சிகள் { $count } வரவுகள் பின்தங்கியுள்ளன
}
operation-next-views-behind = முனை இயங்கும்போது அவை ஈடுசெய்யும்.
operation-check-views-wrong = காட்சிகளை வாசிக்க முடியவில்லை: { $why }
operation-next-views-wrong = பதிவேடுகளிலிருந்து அவற்றை மீண்டும் உருவாக்குக. எதுவும் இழக்கப்படவில்லை.
operation-check-members-unreachable = { $count ->
    [one] { $count } உறுப்பினரை அடைய முடியவில்லை: { $names }
   *[other] { $count } உறுப்பினர்களை அடைய முடியவில்லை: { $names }
}
operation-next-members-unreachable = காரணத்தைக் கீழுள்ள அட்டவணை கூறும். பகிர்ந்தது இங்கே காத்திருந்து பின்னர் அவர்களை அடையும்.
operation-check-feeds-failing = { $count ->
    [one] { $count } ஊட்டம் தோல்வியடைகிறது: { $names }
   *[other] { $count } ஊட்டங்கள் தோல்வியடைகின்றன: { $names }
}
operation-next-feeds-failing = காரணத்தைக் கீழுள்ள அட்டவணை கூறும்.
operation-members = உறுப்பினர்கள்
operation-members-caption = ஒவ்வோர் உறுப்பினருடனும் இந்த முனையின் இணைப்பு. எண்ணிக்கைகள் நிரல் தொடங்கும்போது தொடங்கும்.
operation-members-none = தொடர்புகொள்ள இன்னும் யாரும் இல்லை.
operation-members-none-next = நீங்கள் இணைந்துள்ள ஒப்பந்தம் நடைமுறையில் வந்ததும் உறுப்பினர்கள் தோன்றுவர்.
operation-member = உறுப்பினர்
operation-link = இணைப்பு
operation-contact = கடைசித் தொடர்பு
operation-no-contact = இந்த முனை தொடங்கியது முதல் தொடர்பு இல்லை
operation-since = முதல்
operation-shared = பொதுச் சேனல்கள்
operation-why = இது ஏன் அவர்களை அடையவில்லை?
operation-why-about = ஒரு பொருளைக் குறிப்பிடுக: ஒவ்வோர் உறுப்பினரும் அதைப் பெறுகிறாரா, எந்த விதிப்படி, சேர்ப்பு பற்றி அறிந்தது என்ன, யார் மாற்றலாம் எனக் காணலாம்.
operation-why-id = பொருளின் அடையாளம்
operation-why-id-hint = அது பொருளின் பக்கத்தில் உள்ளது, எ.கா. indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f.
operation-why-member = உறுப்பினர்
operation-why-all = எல்லா உறுப்பினர்களும்
operation-why-ask = காரணத்தைக் காட்டுக
operation-why-none = இந்த அடையாளத்தில் நீங்கள் பார்க்கக்கூடியது எதுவும் இல்லை.
operation-why-none-next = இங்கே யாரேனும் பகிர்ந்திருந்தால், அது பதிவேட்டில் சேரும் முன் மறுக்கப்பட்டது: அச்செயலின் விளைவு காரணத்தைக் கூறும்.
operation-why-nobody = சாசனம் அத்தகைய உறுப்பினர் எவரையும் குறிப்பிடவில்லை.
operation-why-caption = ஒவ்வோர் உறுப்பினருக்கும் இப்போதைய நிலை.
operation-waits = இது இங்கே அலுவலரின் முடிவுக்காகக் காத்திருக்கிறது; யாருக்கும் செல்லவில்லை
operation-waits-next = முடிவு செய்க
operation-by = பகிர்ந்தவர்
operation-answer = அதனிடம் உள்ளதா?
operation-rule = விதி
operation-owner = யார் மாற்றலாம்
operation-owner-release = காத்திருப்பதை வெளியிட உரிமையுள்ளவர்: { $roles }.
operation-owner-agreement = { $name } தரப்புகள், திருத்தம் அல்லது அறிவிப்பின் மூலம். உங்கள் தொடர்பு அலுவலரைக் கேட்கவும்.
operation-owner-nobody = செய்ய வேண்டியது எதுவும் இல்லை.
operation-owner-author = { $name } இதை எழுதியது; இது எதுவரை சென்றது என அறியும். அங்கே கேட்கவும்.
operation-owner-member = { $name } முனையை இயக்குபவர், அதனுடனான இணைப்பு செயல்பட்டதும்.
operation-has = உள்ளது
operation-not-yet = இன்னும் இல்லை
operation-no-longer = இனி எதுவும் அனுப்பப்படாது
operation-never = ஒருபோதும் இல்லை
operation-state-shown = காட்டப்படுகிறது
operation-state-held = ஆவணம் வரும் வரை நிறுத்தப்பட்டுள்ளது
operation-state-refused = மறுக்கப்பட்டது
operation-state-withheld = அதன் உள்ளடக்கம் வரவில்லை
operation-state-withdrawn = திரும்பப் பெறப்பட்டது
operation-state-control = பதிவேடு பற்றிய உள்ளீடு
operation-state-not-shown = காட்டப்படவில்லை
operation-stored = சேமிக்கப்பட்டவை
operation-stored-bytes = வட்டில்
operation-stored-logs = பதிவேடுகள்
operation-stored-entries = உள்ளீடுகள்
operation-stored-live = காட்டப்படும் பதிவுகள்
operation-stored-erased = திரும்பப் பெறப்பட்டு நீங்கியவை
operation-stored-withheld = வராத உள்ளடக்கங்கள்
operation-stored-held = ஆவணத்திற்காக நிறுத்தப்பட்டவை
operation-stored-faulty = விதியை மீறும் உள்ளீடுகள்
operation-stored-quarantined = அலுவலரின் முடிவுக்காகக் காத்திருப்பவை
operation-stored-unsigned = இன்னும் கையொப்பமிடப்படாதவை
operation-stored-lag = காட்சிகள் பின்தங்கியுள்ள வரவுகள்
operation-feeds = மூலங்கள், இலக்குகள், webhook-கள்
operation-feeds-caption = இந்த முனை வட்டாரத்திற்கு வெளியே வாசிப்பவையும் அனுப்புபவையும்.
operation-feeds-none = இன்னும் எதுவும் இல்லை.
operation-feeds-none-next = மூலத்தைச் சேர்க்க
operation-name = பெயர்
operation-kind = வகை
operation-kind-source = மூலம்
operation-kind-target = இலக்கு
operation-kind-webhook = Webhook
operation-health = நிலை
operation-last-good = கடைசியாக நன்றாக நடந்தது
operation-never-yet = இன்னும் இல்லை
operation-due = அடுத்தது
operation-late = தாமதமான கடமைகள்
operation-late-none = தாமதமான கடமை எதுவும் இல்லை.
operation-late-caption = உட்பிரிவுகள் இந்த உறுப்பினரிடம் கேட்பவற்றில் காலம் கடந்தவை.
operation-late-about = பதிவு
operation-late-duty = கடமை
operation-late-due = முடிக்க வேண்டிய நேரம்
operation-clause = உட்பிரிவு
operation-check-backup = { $count ->
    [one] மிகப் புதிய காப்புப் பிரதி எடுத்து { $count } நாள் ஆகவில்லை
   *[other] மிகப் புதிய காப்புப் பிரதி எடுத்து { $count } நாள்கள் ஆகவில்லை
}
operation-check-backup-none = இந்த முனையின் காப்புப் பிரதி எதுவும் எடுக்கப்படவில்லை
operation-next-backup-none = ஒன்றை எடுத்து, வேறோர் இயந்திரத்தில் வைத்து, அது திறக்கிறதா எனச் சரிபார்க்க.
operation-check-backup-old = { $count ->
    [one] மிகப் புதிய காப்புப் பிரதி எடுத்து { $count } நாள் ஆகிவிட்டது
   *[other] மிகப் புதிய காப்புப் பிரதி எடுத்து { $count } நாள்கள் ஆகிவிட்டன
}
operation-next-backup-old = ஒவ்வொரு நாளும் ஒன்றை எடுத்து, வேறோர் இயந்திரத்தில் வைக்க.
operation-check-backup-wrong = மிகப் புதிய காப்புப் பிரதி எப்போது எடுக்கப்பட்டது என்பதை வாசிக்க முடியவில்லை: { $why }
operation-next-backup-wrong = வட்டைப் பார்த்து, பின்னர் காப்புப் பிரதி ஒன்றை எடுக்க.
