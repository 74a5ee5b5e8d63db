operation-title = Operasyon
operation-all-well = Maayos ang lahat.
operation-some-mind = { $count ->
    [one] May { $count } bagay na dapat tingnan.
   *[other] May { $count } bagay na dapat tingnan.
}
operation-some-wrong = { $count ->
    [one] May { $count } bagay na mali.
   *[other] May { $count } bagay na mali.
}
operation-checks = Mga pagsusuri
operation-well = Ang maayos
operation-checks-more = Ang makina lamang mismo ang nagpapakita ng ilan, gaya ng kung sino ang nakababasa ng mga susi; sinasabi ito ng
operation-verify = Patunayan ang mga log
operation-look = Tingnan
operation-copy = Kopyahin ang utos
operation-copied = Nakopya na ang utos
operation-word-warn = tingnan
operation-word-bad = mali
operation-check-member = Kasapi ng { $region } ang { $member }
operation-check-member-none = Walang binabanggit na kasaping { $member } ang karta
operation-next-member-none = Hindi makalalahok ang node na ito. Hingin sa tagapag-ugnay ng rehiyon ang kartang bumabanggit sa iyo.
operation-check-statement = Binabanggit ng pahayag { $serial } ang mga susi ng node na ito
operation-check-statement-none = Walang pahayag ang node na ito, kaya walang katapat na tumatanggap dito
operation-next-statement-none = Lagdaan ang isang pahayag gamit ang root key.
operation-check-statement-other-keys = Ibang mga susi, hindi ang sa node na ito, ang binabanggit ng pinakabagong pahayag
operation-next-statement-other-keys = Lagdaan ang isang pahayag gamit ang root key, o ibalik ang tamang mga susi mula sa backup.
operation-check-statement-no-address = Walang binabanggit na address ang pahayag, kaya hindi maabot ng mga katapat ang node na ito
operation-next-statement-no-address = Itakda ang federation.address sa gotong.toml, at saka lagdaan ang isang pahayag.
operation-check-statements-missing = Walang alam na pahayag ng { $names }
operation-next-statements-missing = Hingin sa kanila ang file na statement.note at idagdag ito.
operation-check-agreements-none = Walang alam na kasunduan, kaya walang maibabahagi
operation-next-agreements-none = Tanggapin ang file ng kasunduan na hawak ng iyong opisyal na tagapag-ugnay.
operation-check-agreement = May bisa ang kasunduang { $name }
operation-check-agreement-over = Wala sa saklaw ng mga petsa nito ang kasunduang { $name }
operation-next-agreement-over = Tingnan ang orasan ng makina at ang mga petsa. Maaari itong pahabain ng pag-amyenda.
operation-check-store = Hindi nahuhuli ang imbakan sa file ng checkpoint nito
operation-check-store-restored = Mas luma ang imbakan kaysa sa nalagdaan na mula rito
operation-next-store-restored = Wala itong ilalathala hangga’t hindi natatanong ang mga katapat nito. Huwag kailanman kopyahin o alisin nang mano-mano ang file ng checkpoint.
operation-check-mail = Naipadadala ang e-mail
operation-check-mail-failing = { $count ->
    [one] Hindi naipadadala ang e-mail, at may { $count } mensaheng naghihintay: { $why }
   *[other] Hindi naipadadala ang e-mail, at may { $count } mensaheng naghihintay: { $why }
}
operation-next-mail-failing = Tingnan ang mail server, at ang bahagi nito sa configuration. Tatlong araw sinusubukan ang bawat mensahe.
operation-check-mail-wrong = Hindi mabasa ang mga mensaheng naghihintay: { $why }
operation-next-mail-wrong = Ibalik ang imbakan mula sa backup.
operation-check-views = Napapanahon ang mga view
operation-check-views-behind = { $count ->
    [one] Nahuhuli ng { $count } pagdating ang mga view
   *[other] Nahuhuli ng { $count } pagdating ang mga view
}
operation-next-views-behind = Humahabol ang mga ito habang tumatakbo ang node.
operation-check-views-wrong = Hindi mabasa ang mga view: { $why }
operation-next-views-wrong = Buuin muli ang mga ito mula sa mga log. Walang nawawala.
operation-check-members-unreachable = { $count ->
    [one] May { $count } kasaping hindi maabot: { $names }
   *[other] May { $count } kasaping hindi maabot: { $names }
}
operation-next-members-unreachable = Nasa talahanayan sa ibaba ang dahilan. Naghihintay rito ang ibinabahagi at darating sa kanila mamaya.
operation-check-feeds-failing = { $count ->
    [one] May { $count } feed na nabibigo: { $names }
   *[other] May { $count } feed na nabibigo: { $names }
}
operation-next-feeds-failing = Nasa talahanayan sa ibaba ang dahilan.
operation-members = Mga kasapi
operation-members-caption = Ang lagay ng koneksiyon ng node na ito sa bawat kasapi. Nagsisimula ang pagbilang sa pagsisimula ng programa.
operation-members-none = Wala pang makakaugnayan.
operation-members-none-next = Lumilitaw ang mga kasapi kapag may bisa na ang kasunduang pareho ninyong kinabibilangan.
operation-member = Kasapi
operation-link = Koneksiyon
operation-contact = Huling ugnayan
operation-no-contact = Wala pang ugnayan mula nang simulan ang node na ito
operation-since = mula noong
operation-shared = Mga channel na pinagsasaluhan
operation-why = Bakit hindi pa ito nakararating sa kanila?
operation-why-about = Banggitin ang object, at tingnan para sa bawat kasapi kung natatanggap nito, ayon sa aling tuntunin, ano ang alam sa paghahatid, at sino ang makapagbabago.
operation-why-id = Id ng object
operation-why-id-hint = Nasa pahina ng object, gaya ng indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f.
operation-why-member = Kasapi
operation-why-all = Lahat ng kasapi
operation-why-ask = Ipakita kung bakit
operation-why-none = Walang may ganitong id na maaari mong makita.
operation-why-none-next = Kung may nagbahagi nito rito, tinanggihan ito bago pumasok sa log: sinasabi ng kinalabasan ng gawang iyon kung bakit.
operation-why-nobody = Walang binabanggit na ganoong kasapi ang karta.
operation-why-caption = Ang umiiral ngayon para sa bawat kasapi.
operation-waits = Naghihintay ito ng pasya ng tao rito, at wala pang napuntahan
operation-waits-next = Pagpasiyahan ito
operation-by = Ibinahagi ng
operation-answer = Mayroon na ba ito roon?
operation-rule = Tuntunin
operation-owner = Sino ang makapagbabago
operation-owner-release = Sinumang maaaring maglabas ng naghihintay: { $roles }.
operation-owner-agreement = Ang mga panig ng { $name }, sa pag-amyenda o abiso. Magtanong sa iyong opisyal na tagapag-ugnay.
operation-owner-nobody = Wala nang kailangang gawin.
operation-owner-author = Ang { $name } ang sumulat nito at nakaaalam kung saan na ito nakarating. Magtanong doon.
operation-owner-member = Ang nagpapatakbo ng node ng { $name }, kapag gumana ang koneksiyon dito.
operation-has = mayroon na
operation-not-yet = hindi pa
operation-no-longer = wala nang ipinadadala
operation-never = hindi kailanman
operation-state-shown = ipinapakita
operation-state-held = pinipigil hanggang dumating ang isang dokumento
operation-state-refused = tinanggihan
operation-state-withheld = hindi pa dumarating ang nilalaman
operation-state-withdrawn = binawi
operation-state-control = entry tungkol sa mismong log
operation-state-not-shown = hindi ipinapakita
operation-stored = Ang nakaimbak
operation-stored-bytes = Sa disk
operation-stored-logs = Mga log
operation-stored-entries = Mga entry
operation-stored-live = Mga rekord na ipinapakita
operation-stored-erased = Binawi at nabura na
operation-stored-withheld = Mga nilalamang hindi pa dumarating
operation-stored-held = Pinipigil dahil sa kulang na dokumento
operation-stored-faulty = Mga entry na lumalabag sa tuntunin
operation-stored-quarantined = Naghihintay ng tao
operation-stored-unsigned = Hindi pa nalalagdaan
operation-stored-lag = Mga pagdating na wala pa sa mga view
operation-feeds = Mga pinagmulan, target, webhook
operation-feeds-caption = Ang binabasa at pinadadalhan ng node na ito sa labas ng rehiyon.
operation-feeds-none = Wala pa.
operation-feeds-none-next = Magdagdag ng pinagmulan
operation-name = Pangalan
operation-kind = Ano
operation-kind-source = Pinagmulan
operation-kind-target = Target
operation-kind-webhook = Webhook
operation-health = Kalagayan
operation-last-good = Huling nagtagumpay
operation-never-yet = hindi pa
operation-due = Susunod
operation-late = Mga tungkuling nahuhuli
operation-late-none = Walang tungkuling nahuhuli.
operation-late-caption = Ang hinihingi ng mga sugnay sa kasaping ito na lampas na sa takdang oras.
operation-late-about = Rekord
operation-late-duty = Tungkulin
operation-late-due = Takdang oras
operation-clause = Sugnay
operation-check-backup = { $count ->
    [one] Wala pang { $count } araw ang pinakabagong backup
   *[other] Wala pang { $count } araw ang pinakabagong backup
}
operation-check-backup-none = Wala pang nagawang backup ng node na ito
operation-next-backup-none = Gumawa ng isa, itago ito sa ibang makina, at tiyaking nabubuksan ito.
operation-check-backup-old = { $count ->
    [one] { $count } araw na ang pinakabagong backup
   *[other] { $count } araw na ang pinakabagong backup
}
operation-next-backup-old = Gumawa ng isa araw-araw, at itago ito sa ibang makina.
operation-check-backup-wrong = Hindi mabasa kung kailan ginawa ang pinakabagong backup: { $why }
operation-next-backup-wrong = Tingnan ang disk, at saka gumawa ng backup.
