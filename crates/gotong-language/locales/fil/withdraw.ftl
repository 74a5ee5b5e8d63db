withdraw-title = Bawiin
withdraw-text = Hinihiling sa bawat may hawak na burahin ang lahat ng bersiyon nito, at sasabihin ng kanilang node kapag nagawa na. Hindi na mababawi ang kinopya ng iba sa ibang lugar.
withdraw-relabel-title = Palitan ang label
withdraw-relabel-text = Saklaw ng mas mahigpit na label ang bawat bersiyon mula ngayon. Kung mas mahigpit ang label kaysa pinapayagan ng channel, babawiin ito roon.
withdraw-where = Saan
withdraw-asked = Hihilingan:
withdraw-reason = Bakit
withdraw-reason-error = Mali ito
withdraw-reason-agreement = Hinihingi ng kasunduan
withdraw-reason-legal = Hinihingi ng batas
withdraw-reason-personal-data = May personal na datos ito
withdraw-reason-request = May humiling nito
withdraw-reason-other = Ibang dahilan
withdraw-act = Bawiin
withdraw-leave = Hayaan ito
withdraw-new-label = Bagong label
withdraw-relabel-act = Palitan
withdraw-now = Agad, nang walang balikan
withdraw-parts = Bawiin din ang pinangalanan nito na walang ibang nagpangalan
withdraw-parts-stay = Ang pinangalanan nito ay mananatili sa sariling label: palitan ang mga iyon nang hiwalay.
withdraw-nothing-chosen = Walang ginawa: piliin kung saan, at kung bakit o aling label.
withdraw-again = Pumili muli
withdraw-onward = Lahat ng rekord
withdraw-listed = Ang binawi roon, at kung sino ang nagbura na
withdraw-line-done = tapos na; hinilingan na ang mga may hawak
withdraw-line-none = wala kang anuman doon
withdraw-line-refused = hindi ginawa
withdraw-outcome-withdraw = { $entries ->
    [0] Walang binawi.
   *[other] { $entries } entry ang binawi. Hinihiling sa bawat may hawak na burahin ito.
}
withdraw-outcome-relabel = { $entries ->
    [0] Walang pinalitang label.
   *[other] Pinalitan ang label ng { $entries } entry.
}
withdraw-reason-superseded = May mas bagong pumalit dito
withdraw-reason-source-request = Hiniling ito ng pinagmulan nito
withdraw-reason-privacy = Masyado itong maraming sinasabi tungkol sa isang tao
withdraw-reason-retention = Tapos na ang panahong maaari itong itago
withdraw-reason-relabelled = Binago ang label nito nang higit sa tinatanggap ng channel
