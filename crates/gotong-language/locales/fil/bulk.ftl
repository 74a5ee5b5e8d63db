bulk-bar = Isang gawa para sa marami
bulk-page = { $count ->
    [one] Lahat ng { $count } sa pahinang ito
   *[other] Lahat ng { $count } sa pahinang ito
}
bulk-all = Lahat ng tumutugma, sa bawat pahina
bulk-chosen = Napili: { "{" }count{ "}" }
bulk-withdraw = Bawiin…
bulk-relabel = Palitan ang label…
bulk-download = I-download ang lahat ng tumutugma, bilang STIX 2.1
bulk-pick = Piliin ang rekord na ito
bulk-waiting-all = Lahat ng naghihintay sa iyo, hindi lamang ang nasa pahinang ito:
bulk-waiting-release = Ilabas ang lahat…
bulk-waiting-drop = Itapon ang lahat…
bulk-title-withdraw = { $count ->
    [0] Walang babawiin
    [one] Bawiin ang { $count } rekord
   *[other] Bawiin ang { $count } rekord
}
bulk-title-relabel = { $count ->
    [0] Walang papalitang label
    [one] Palitan ang label ng { $count } rekord
   *[other] Palitan ang label ng { $count } rekord
}
bulk-title-release = { $count ->
    [0] Walang ilalabas
    [one] Ilabas ang { $count } rekord na naghihintay
   *[other] Ilabas ang { $count } rekord na naghihintay
}
bulk-title-drop = { $count ->
    [0] Walang itatapon
    [one] Itapon ang { $count } rekord na naghihintay
   *[other] Itapon ang { $count } rekord na naghihintay
}
bulk-about-withdraw = Hinihiling sa bawat may hawak na burahin ang lahat ng bersiyon ng mga ito, at sasabihin ng kanilang node kapag nagawa na. Hindi na mababawi ang kinopya ng iba sa ibang lugar.
bulk-about-relabel = Saklaw ng mas mahigpit na label ang bawat bersiyon mula ngayon. Kung mas mahigpit ang label kaysa pinapayagan ng channel, babawiin ang mga rekord doon.
bulk-about-release = Ilalathala ang bawat isa sa channel nito, na parang isa-isa mong inilabas.
bulk-about-drop = Buburahin ang bawat isa kapag tapos na ang paghihintay, at hindi na maibabalik pagkatapos.
bulk-caption = Ang saklaw nito, ayon sa channel
bulk-records = Mga rekord
bulk-who = Sino ang hihilingang gawin din ito
bulk-who-receives = Sino ang tatanggap ng mga ito
bulk-none = Walang magagawa sa alinman dito
bulk-none-text = Nasa ibaba kung bakit. Maaari mong bawiin at palitan ng label ang inilathala ng sarili mong panig.
bulk-left-out = Ang hahayaan kung ano ito
bulk-send = Gawin pagkaraan ng dalawang minuto
bulk-send-hint = Sa loob ng dalawang minuto ay maaari itong i-undo.
bulk-leave = Hayaan ang lahat
bulk-frozen = Itinakda ang napili nang gawin ang pahinang ito: hindi isinasama ang dumarating ngayon. Kinalilimutan pagkaraan ng isang oras ang napiling hindi ipinadala.
bulk-held = Gagawin sa loob ng
bulk-held-text = Hanggang doon ay maaari pa itong i-undo, at wala pang nangyari sa alinman sa mga ito. Magsisimula ito sa
bulk-undo = I-undo
bulk-running = Ginagawa na ito
bulk-running-text = Kusa itong nagpapatuloy, tumingin ka man o hindi. Nagsimula na ito, kaya hindi na ito mai-undo.
bulk-look-again = Tingnan muli
bulk-look = Tingnan ito
bulk-back = Pumili muli
bulk-undone = { $count ->
    [one] Na-undo na. Walang nangyari sa { $count } rekord.
   *[other] Na-undo na. Walang nangyari sa alinman sa { $count } rekord.
}
bulk-left = Walang ginawa, at walang itinago sa mga napili.
bulk-again = Maglathala muli
bulk-refused-unknown = Wala na ito rito: nagawa na, iniwan, o kinalimutan pagkaraan ng isang oras.
bulk-refused-much = Walang ginawa: mas marami ang tumutugma kaysa mapipili nang minsanan, na { $count } rekord, o 1,000 sa paghahanap ng mga salita. Paliitin ang tanong, halimbawa ayon sa uri, channel o may-akda, at pumili muli.
bulk-refused-late = Huli na: nagsimula na ito, o lipas na ang { $seconds } segundo nito. Mananatiling binawi ang binawi at maaaring ilathalang muli.
bulk-refused-nothing = Walang ginawa: pumili ng mga rekord, at saka ng dahilan o label.
bulk-outcome-withdraw = { $count ->
    [0] Walang binawi.
    [one] { $count } rekord ang binawi. Hinihiling sa bawat may hawak na burahin ito. Hindi na ito mai-undo; maaari itong ilathalang muli.
   *[other] { $count } rekord ang binawi. Hinihiling sa bawat may hawak na burahin ang mga ito. Hindi na ito mai-undo; maaaring ilathalang muli ang mga ito.
}
bulk-outcome-relabel = { $count ->
    [0] Walang pinalitang label.
    [one] Pinalitan ang label ng { $count } rekord. Maaari itong palitang muli.
   *[other] Pinalitan ang label ng { $count } rekord. Maaari itong palitang muli.
}
bulk-outcome-release = { $count ->
    [0] Walang inilabas.
    [one] { $count } rekord ang inilabas. Maaari itong bawiin.
   *[other] { $count } rekord ang inilabas. Maaaring bawiin ang mga ito.
}
bulk-outcome-drop = { $count ->
    [0] Walang itinapon.
    [one] { $count } rekord ang itinapon at binura.
   *[other] { $count } rekord ang itinapon at binura.
}
bulk-line-done = { $count ->
    [one] { $count } rekord: tapos na
   *[other] { $count } rekord: tapos na
}
bulk-line-beyond = { $count ->
    [one] { $count } rekord: binawi, dahil ang label nito ay mas mahigpit kaysa tinatanggap ng channel
   *[other] { $count } rekord: binawi, dahil ang label ng mga ito ay mas mahigpit kaysa tinatanggap ng channel
}
bulk-line-others = { $count ->
    [one] { $count } rekord ang hindi sa iyo: ang naglathala lamang ang makakukuha nito muli
   *[other] { $count } rekord ang hindi sa iyo: ang naglathala lamang ang makakukuha ng mga ito muli
}
bulk-line-gone = { $count ->
    [one] { $count } rekord ang wala na roon: binawi ito, o may nagpasya na
   *[other] { $count } rekord ang wala na roon: binawi ang mga ito, o may nagpasya na
}
bulk-line-rights = { $count ->
    [one] { $count } rekord: hindi ginawa, dahil hindi mo na ito maaaring gawin doon
   *[other] { $count } rekord: hindi ginawa, dahil hindi mo na ito maaaring gawin doon
}
bulk-line-refused = { $count ->
    [one] { $count } rekord: tinanggihan
   *[other] { $count } rekord: tinanggihan
}
bulk-line-waits = { $count ->
    [one] { $count } rekord ang naghihintay pa
   *[other] { $count } rekord ang naghihintay pa
}
bulk-now = Ang ginagawa mo sa maraming rekord
bulk-now-held = magsisimula sa
