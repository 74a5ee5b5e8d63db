notifications-title = Avis
notifications-choose = Recherches enregistrées, et comment vous êtes averti
notifications-none = Aucun avis ne vous a encore été donné.
notifications-none-text = Enregistrez une recherche et choisissez comment être averti de ce qu’elle trouve.
notifications-caption = Ce dont vous avez été averti, le plus récent d’abord. Les plus anciens disparaissent au-delà de 200.
notifications-what = Nouveautés
notifications-mark = Lu
notifications-read = lu
notifications-read-one = Marquer comme lu
notifications-read-all = Tout marquer comme lu
notifications-waits-go = Voir ce qui attend
notifications-bell = { $count ->
    [one] { $count } avis que vous n’avez pas lu
   *[other] { $count } avis que vous n’avez pas lus
}
notifications-found = { $count ->
    [one] { $count } nouvel enregistrement
   *[other] { $count } nouveaux enregistrements
}
notifications-waits-duties = { $count ->
    [one] { $count } obligation est arrivée à échéance pour vous.
   *[other] { $count } obligations sont arrivées à échéance pour vous.
}
notifications-waits-records = { $count ->
    [one] { $count } enregistrement attend une décision.
   *[other] { $count } enregistrements attendent une décision.
}
notifications-waits-second = { $count ->
    [one] { $count } envoi attend une seconde personne.
   *[other] { $count } envois attendent une seconde personne.
}
notifications-mail-code-title = Votre code
notifications-mail-code = Quelqu’un, vous-même espérons-nous, a demandé que les courriels de Gotong arrivent à cette adresse. Saisissez ce code dans vos recherches enregistrées d’ici une heure :
notifications-mail-code-not-you = Si ce n’était pas vous, ne faites rien : aucun autre courriel ne viendra.
notifications-mail-found = { $count ->
    [one] { $count } nouvel enregistrement dans l’une de vos recherches
   *[other] { $count } nouveaux enregistrements dans l’une de vos recherches
}
notifications-mail-above = Du nouveau jusqu’à { $label } : connectez-vous pour le voir
notifications-mail-waits = { $count ->
    [one] { $count } chose vous attend
   *[other] { $count } choses vous attendent
}
notifications-mail-foot = Vous avez demandé ce courriel à { $node }. Vous choisissez ce qui vient dans vos recherches enregistrées.
notifications-unread-one = Marquer de nouveau comme non lu
notifications-marked-one = Marqué comme lu.
notifications-unmarked-one = De nouveau non lu.
notifications-undo-one = Annuler
notifications-marked = { $count ->
    [one] { $count } avis est marqué comme lu
   *[other] { $count } avis sont marqués comme lus
}
notifications-none-marked = Tous les avis étaient déjà lus
notifications-undo = { $count ->
    [one] Annuler : marquer de nouveau { $count } avis comme non lu
   *[other] Annuler : marquer de nouveau ces { $count } avis comme non lus
}
notifications-unmarked = { $count ->
    [one] { $count } avis est de nouveau non lu
   *[other] { $count } avis sont de nouveau non lus
}
notifications-none-unmarked = Rien n’a été marqué : ces avis sont déjà non lus, ou ont disparu
notifications-back = Retour aux avis
