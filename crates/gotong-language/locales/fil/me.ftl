me-title = Iyong mga setting
me-back = Bumalik sa iyong mga setting
me-go-on = Magpatuloy
me-failed = { $count ->
    [one] { $count } pagsubok na mag-log in bilang ikaw ang nabigo mula noong huli kang narito
   *[other] { $count } pagsubok na mag-log in bilang ikaw ang nabigo mula noong huli kang narito
}
me-failed-last = Ang huli:
me-failed-advice = Kung ikaw iyon, walang problema. Kung hindi, walang nakapasok; pinananatili itong ganito ng pangalawang salik.
me-failed-knew = Alam ng sumubok ang iyong password at nabigo siya sa code. Kung hindi ikaw iyon, palitan ngayon ang password at sabihan ang nangangasiwa ng mga account.
me-full-name = Pangalan para sa iba
me-role = Gampanin
me-organisation = Organisasyon
me-sessions = Kung saan ka naka-log in
me-sessions-about = Nagtatapos ang session pagkaraan ng dalawang oras na hindi ginagamit, at pinakahuli pagkaraan ng labindalawang oras.
me-session-where = Mula saan
me-session-began = Mula noong
me-session-seen = Huling ginamit
me-session-this = ito
me-session-end = Tapusin
me-session-ended = Natapos na ang session
me-session-gone = Wala na ang session na iyon
me-sessions-end-others = Tapusin ang lahat ng iba pa
me-sessions-ended = { $count ->
    [0] Walang ibang session
    [one] { $count } ibang session ang natapos na
   *[other] { $count } ibang session ang natapos na
}
me-second = Pangalawang salik
me-second-there = May naka-set up na app
me-second-none = Walang naka-set up
me-second-begin = Mag-set up ng app
me-second-replace = Mag-set up ng ibang app
me-recovery-left = { $count ->
    [0] Wala nang natitirang recovery code: gumawa ng bago
    [one] { $count } recovery code ang natitira
   *[other] { $count } recovery code ang natitira
}
me-recovery-renew = Gumawa ng mga bagong recovery code
me-current = Ang iyong password ngayon
me-password = Password
me-password-change = Palitan ang password
me-password-done = Napalitan na ang password, at natapos na ang lahat ng iba mo pang session
me-refused-password-wrong = Hindi ito ang iyong password ngayon.
me-refused-second-none = Kasama ng pangalawang salik ang mga recovery code. Mag-set up muna ng isa.
me-settings = Paano ipinapakita sa iyo ang mga pahina
me-language = Wika
me-language-open = Ayon sa browser
me-zone = Sona ng oras
me-zone-open = Gaya ng node na ito: { $zone }
me-calendar = Mga taon
me-calendar-open = Ayon sa nakaugalian sa wika
me-calendar-gregorian = Gregorian
me-calendar-buddhist = Panahong Budista
me-theme = Mga kulay
me-theme-auto = Ayon sa device
me-theme-light = Maliwanag
me-theme-dark = Madilim
me-keys = May bisa sa mga pahina ang mga solong key
me-keys-hint = Patayin ito kung ang pagsasalita o ibang pantulong ang pumipindot ng sariling mga key.
me-settings-save = I-save
me-settings-done = Mula ngayon, ipinapakita sa iyo ang mga pahina ayon sa nais mo
me-refused-settings-language = Pumili ng isa sa mga wikang ito.
me-refused-settings-zone = Pumili ng isa sa mga sonang ito ng oras.
me-refused-settings-calendar = Pumili ng isa sa dalawa.
me-refused-settings-theme = Pumili ng isa sa tatlo.
me-passkeys = Mga passkey
me-passkeys-about = Nananatili ang passkey sa iyong device o browser at nagbubukas lamang kapag natiyak ng device na ikaw nga iyon. Pumapalit ito sa password at sa pangalawang salik.
me-passkeys-none = Wala ka pa nito
me-passkeys-yours = Iyong mga passkey
me-passkey-made = Ginawa
me-passkey-remove = Alisin ang passkey na ito
me-passkey-name = Ang tawag mo rito
me-passkey-name-hint = Ang device na kinalalagyan nito, gaya ng: laptop sa opisina
me-passkey-make = Gumawa ng passkey
me-passkey-failed = Walang nagawang passkey ang browser. Subukan muli, o gumamit ng ibang browser.
me-passkey-added = Nagawa na ang passkey, at makapagla-log in ka gamit ito
me-passkey-removed = Wala nang mabubuksan ang passkey. Alisin din ito sa iyong device.
me-refused-passkey-unfit = Walang naibigay ang browser na ito na passkey na magagamit dito.
me-refused-passkey-stale = Masyadong natagalan, o naipadala na dati. Subukan muli.
me-refused-passkey-many = Nasa iyo na ang pinakamaraming passkey na maaari. Mag-alis muna ng isa.
me-refused-passkey-known = Kilala na rito ang passkey na ito.
me-refused-passkey-gone = Wala na ang passkey na iyon.
me-refused-passkey-name = May 1 hanggang 64 na karakter ang pangalan.
me-provider-about = Kapag nakaugnay na ang iyong account, makapagla-log in ka gamit ang ginagamit mo sa pag-log in doon, at hindi mo na kailangan ng password dito.
me-provider-linked = Nakaugnay sa
me-provider-awaited = Iuugnay sa unang pag-log in gamit ang
me-provider-link = Iugnay ang aking account
me-provider-end = Tapusin ang pagkakaugnay
me-provider-done = Nakaugnay na ang iyong account, at makapagla-log in ka sa paraang iyon
me-provider-ended = Natapos na ang pagkakaugnay, at wala nang makapapasok sa paraang iyon
me-provider-refused = Hindi naiugnay ang iyong account
me-refused-provider-linked = Nakaugnay na ang iyong account. Tapusin muna ang pagkakaugnay na iyon.
me-refused-provider-elsewhere = May ibang account dito na nakaugnay sa naka-log in doon. Mag-log out muna roon, kung hindi ikaw iyon.
me-refused-provider-session = Natapos na ang session kung saan mo ito hiniling. Mag-log in, at magsimula muli.
me-refused-provider-none = Hindi nakaugnay kaninuman ang iyong account.
