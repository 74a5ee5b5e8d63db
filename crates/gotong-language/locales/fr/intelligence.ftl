intelligence-title = Renseignement
intelligence-caption = Les plus récents d’abord, selon leur propre date
intelligence-caption-arrived = Ce qui est arrivé en dernier vient en premier
intelligence-order = Ordre
intelligence-any = tous
intelligence-label-max = Jusqu’à l’étiquette
intelligence-filter = Afficher
intelligence-clear = Tout afficher
intelligence-next = Plus anciens
intelligence-wrong = Une partie de cette adresse n’a pas été comprise ; rien n’est donc affiché pour elle.
intelligence-none-match = Rien ne correspond à ces filtres.
intelligence-none-yet = Aucun des enregistrements examinés jusqu’ici ne correspond.
intelligence-more-hits = (il y en a d’autres)
intelligence-no-hit = Rien de ce que vous pouvez voir n’y correspond.
intelligence-no-hit-text = Recherché :
intelligence-no-hit-where = Dans les canaux que vous lisez :
intelligence-similar = Rien ne s’écrit ainsi ; voici ce qui s’écrit presque de la même façon.
intelligence-rebuilding = Le nœud reconstruit ses index : il peut manquer quelque chose pour un moment.
intelligence-outside-only = Rien n’a été cherché à l’intérieur de ce réseau : il est trop large, ou il y en a trop. Cherchez-en des parties, chacune au plus un /16 (IPv4) ou un /48 (IPv6).
intelligence-next-found = Suite
intelligence-found = { $count ->
    [one] { $count } enregistrement correspond
   *[other] { $count } enregistrements correspondent
}
intelligence-found-more = plus de { $count } enregistrements correspondent
intelligence-why-id = son identifiant
intelligence-why-value = mentionne cette valeur
intelligence-why-network = mentionne un réseau qui le contient
intelligence-why-within = mentionne ce qui se trouve dans ce réseau
intelligence-why-domain = nomme un domaine au-dessus de ceci
intelligence-why-url = nomme une URL sur cet hôte
intelligence-why-exact-name = porte ce nom
intelligence-why-word = contient ce mot
intelligence-why-accents = contient ce mot, avec d’autres accents
intelligence-why-beginning = un mot commence ainsi
intelligence-why-part = le contient dans un texte
intelligence-why-similar = un mot écrit presque de même
