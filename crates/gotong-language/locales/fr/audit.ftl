audit-title = Audit
audit-about = Chaque acte d’une personne ou d’un programme laisse ici une ligne. Aucune page et aucun programme ne peut en changer ni en ôter une.
audit-filter = Quels actes
audit-who = Qui
audit-everybody = tous
audit-act = Acte
audit-show = Afficher
audit-clear = Tout afficher
audit-csv = Télécharger en CSV
audit-caption = Les plus récents d’abord.
audit-count = { $count ->
    [one] { $count } ligne au total.
   *[other] { $count } lignes au total.
}
audit-when = Quand
audit-what = À propos de quoi
audit-none = Rien n’a encore été fait.
audit-none-such = Personne n’a fait cela.
audit-none-such-next = Choisissez une autre personne ou un autre acte.
audit-none-so-far = Aucune des lignes les plus récentes n’est un tel acte.
audit-none-so-far-next = Des lignes plus anciennes se trouvent derrière le lien ci-dessous.
audit-pages = Pages
audit-newest = Les plus récentes
audit-older = Plus anciennes
