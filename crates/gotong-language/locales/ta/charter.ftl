charter-title = சாசனமும் உறுப்பினர்களும்
charter-words-about = இந்த வட்டாரத்தின் பெயர். இச்சொற்களைத் தொலைபேசியில் ஒருவருக்கொருவர் வாசித்துக் காட்டுக: அனைவரும் ஒரே சொற்களைக் கேட்டால், அனைவரிடமும் ஒரே சாசனம் உள்ளது.
charter-founded = நிறுவப்பட்டது
charter-number = சாசன எண்
charter-voters = யார் மாற்றலாம்
charter-rule = எத்தனை பேர் தேவை
charter-rule-all = அனைவரும்
charter-rule-some = { $count ->
    [one] குறைந்தது { $count }
   *[other] குறைந்தது { $count }
}
charter-grace = ஓர் அறிவிப்பு அறியப்படாமல் இருக்கக்கூடிய நேரம்
charter-grace-hours = { $count ->
    [one] { $count } மணி நேரம்
   *[other] { $count } மணி நேரம்
}
charter-download = சாசனத்தைப் பதிவிறக்குக
charter-members = உறுப்பினர்கள்
charter-role-state = நாடு
charter-role-partner = பங்காளி
charter-role-coordinator = ஒருங்கிணைப்பாளர்
charter-keys = சாவிகள்
charter-keys-about = உறுப்பினரின் மூலச் சாவி இணையத்திற்கு வெளியே வைக்கப்பட்டு, சாசனங்கள், ஒப்பந்தங்கள், அறிவிப்புகளுக்குக் கையொப்பமிடுகிறது. அதன் சொற்களைக் குரலால் ஒப்பிடலாம்.
charter-keys-caption = ஒவ்வோர் உறுப்பினர் மூலச் சாவியும், அவரது முனை பற்றி அது கடைசியாகக் கூறியதும்
charter-member = உறுப்பினர்
charter-voter = சாசனத்தை மாற்றலாம்
charter-key = மூலச் சாவி
charter-since = இந்தச் சாசன எண் முதல்
charter-statement = முனையின் சாவிகளும் முகவரிகளும்
charter-statement-number = எண்
charter-statement-none = எந்த முனை தன்னுடையது என மூலச் சாவி இன்னும் கூறவில்லை
charter-said = நிறுத்தப்பட்ட அல்லது முடிந்த பங்கேற்புகள்
charter-said-none = எந்த உறுப்பினரும் பங்கேற்பை நிறுத்தவோ முடிக்கவோ இல்லை; யாரும் விலகவில்லை.
charter-former = முன்னாள் உறுப்பினர்கள்
charter-versions = பதிப்புகள்
charter-versions-caption = புதியவை முதலில்
charter-changes = மாற்றியவை
charter-in-force = நடைமுறையில் உள்ளது
charter-not-yet = இன்னும் நடைமுறையில் இல்லை
charter-followed = இதைவிடப் புதியது உள்ளது
charter-waits = கையொப்பங்களுக்காகக் காத்திருக்கிறது, அல்லது அதே எண் கொண்ட வேறொன்று செல்லும்
charter-waits-before = முந்தைய சாசனத்திற்காகக் காத்திருக்கிறது
charter-change-joins = { $name } சேர்கிறது
charter-change-leaves = { $name } விலகுகிறது
charter-change-key = { $name } புதிய மூலச் சாவி கொண்டுள்ளது
charter-change-member = { $name } பற்றிய விவரம் மாறியது
charter-change-voters = சாசனத்தை மாற்றக்கூடியவர்கள் மாறினர்
charter-change-grace = ஓர் அறிவிப்பு அறியப்படாமல் இருக்கக்கூடிய நேரம் மாறியது
charter-change-name = வட்டாரத்தின் பெயர் மாறியது
charter-house = உள் விதி: நீங்கள் சேவை செய்யும் அமைப்புகளுக்குக் காட்டப்படுபவை
