start-title = Mga unang hakbang
start-about = May ilang bagay na dapat gawin ang bagong node. Hinahango sa kung ano ang naroon kung hanggang saan na ang bawat isa; walang kailangang lagyan ng tsek.
start-caption = Ang mga unang hakbang ng node na ito. Gawin sa kahit anong pagkakasunod.
start-step = Hakbang
start-what = Ano ito
start-state = Kalagayan
start-done = tapos na
start-open = hindi pa
start-none = Walang dapat gawin dito para sa iyong gampanin.
start-none-text = Nakikita rito ng nagpapatakbo ng node o nangangasiwa ng mga account ang mga unang hakbang.
start-identity = Kung sino kami
start-identity-statement = Tinanggap na ang karta. Wala pang nagsasabi kung aling node ang nagsasalita para sa amin: ang root key ang lumalagda niyon. Sa makina ng node:
start-identity-root = Tinanggap na ang karta at nalagdaan na ang mga susi ng node na ito. Nasa makinang ito pa ang root key: kopyahin ito sa dalawang lugar na walang network, suriin ang bawat kopya, at saka alisin ito rito. Sinusuri nito ang isang kopya:
start-identity-done = Tinanggap na ang karta, nalagdaan na ang mga susi ng node na ito, at wala sa makinang ito ang root key.
start-people = Pangalawang tao
start-people-text = Account para sa ibang tao, upang hindi nakasalalay ang node sa iisang tao.
start-source = Isang pinagmulan
start-source-text = Feed mula sa labas na kusang binabasa ng node.
start-partner = Isang katuwang
start-partner-text = Kasunduang may bisa sa ibang kasapi. Walang ibinabahagi kung wala nito.
start-partner-practice = Mag-isa sa rehiyon nito ang node na pang-ensayo. Upang magsanay kasama ang mga katuwang, magdaos ng ensayo kasama nila: sinasabi ng aklat kung paano.
start-share = Isang pagsubok na pagbabahagi
start-share-text = Isang maliit na bagay na ibinahagi sa katuwang. Sinasabi ng pahina kung sino ang makakakita nito bago may maipadala.
start-away = Itabi ang listahang ito
start-back = Ipakita ang listahang ito sa unang pahina
start-away-done = Naitabi na ang listahan ng mga unang hakbang.
start-back-done = Nasa unang pahina na muli ang listahan ng mga unang hakbang, hanggang may maibahagi sa isang katuwang.
start-onward = Sa unang pahina
start-exercise = Datos sa pagsasanay
start-exercise-none = Kailangan ng datos sa pagsasanay ang isang channel para sa pagsasanay, at wala nito ang node na ito. Ang panloob na tuntunin ang nagbubukas nito: isang uri ng channel na may “exercise = true”. Isinusulat nito ang burador:
start-exercise-about = { $count ->
    [one] { $count } gawa-gawang object
   *[other] { $count } gawa-gawang object
} ng isang kasong hindi kailanman nangyari, upang makita ang anyo ng lahat. Minarkahan itong pagsasanay saanman, hindi kailanman lumalabas sa node na ito, at naaalis sa isang pindot.
start-exercise-loaded = { $count ->
    [one] { $count } object
   *[other] { $count } object
} ng isang gawa-gawang kaso sa { $channel }. Hindi ito kailanman ipinapakita ng mga listahan ng mga tunay na rekord.
start-exercise-look = Tingnan ang mga ito
start-exercise-load = I-load ang datos sa pagsasanay
start-exercise-rest = I-load ang kulang
start-exercise-remove = Alisin ang datos sa pagsasanay
start-load-done = { $count ->
    [one] { $count } object sa pagsasanay ang na-load na.
   *[other] { $count } object sa pagsasanay ang na-load na.
}
start-load-known = Naroon na ang datos sa pagsasanay. Walang binago.
start-load-refused = Walang tinatanggap sa datos sa pagsasanay ang channel para sa pagsasanay.
start-load-line-refused = Hindi ito tinatanggap ng channel.
start-remove-done = { $count ->
    [one] { $count } object sa pagsasanay ang naalis na.
   *[other] { $count } object sa pagsasanay ang naalis na.
}
start-remove-line = { $count ->
    [one] Nabura na ang nilalaman ng { $count } entry. Nananatili sa log na kinuha itong muli.
   *[other] Nabura na ang nilalaman ng { $count } entry. Nananatili sa log na kinuha itong muli.
}
start-remove-none = Walang datos sa pagsasanay. Walang binago.
