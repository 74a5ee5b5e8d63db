rows-name = பெயர்
rows-type = வகை
rows-author = அனுப்பியவர்
rows-channel = சேனல்
rows-label = லேபிள்
rows-time = நேரம்
rows-revoked = ரத்து செய்யப்பட்டது
