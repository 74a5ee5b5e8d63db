channels-title = Canaux
channels-about = Un canal est le lieu où les membres partagent. Vous voyez ici ceux que vous pouvez lire.
channels-caption = Par nom
channels-none = Aucun canal ne vous est ouvert
channels-none-text = Un canal s’ouvre quand un accord où vous êtes nommé entre en vigueur.
channels-governing = Là où circulent les règles elles-mêmes
channels-governing-about = Dans ces canaux, les membres se communiquent chartes, accords et notifications. Personne n’y publie à la main.
channels-governing-caption = Canaux de la charte et des accords
channels-ceiling = Étiquette la plus stricte
channels-audience = Qui lit
channels-agreement = Accord
channels-state = État
channels-exercise = exercice
channels-in-force = en vigueur
channels-not-in-force = pas en vigueur
channels-may-publish = vous pouvez publier
channels-share = Partager ici
channels-intelligence = Ce qui est dans ce canal
channels-rules = Les règles ici
channels-readers = Qui lit
channels-writers = Qui écrit
channels-publish = Publication
channels-publish-yes = Vous pouvez publier ici.
channels-publish-no = Vous ne pouvez pas publier ici pour le moment.
channels-kinds = Types d’enregistrements
channels-onward = Transmission
channels-onward-none = pas au-delà de la partie qui l’a reçu
channels-onward-constituents = aux entités desservies par la partie
channels-onward-public = à tous
channels-personal = Données personnelles
channels-personal-none = aucune ne peut être publiée
channels-personal-pseudonymised = seulement sous pseudonyme
channels-personal-permitted = permises
channels-retention = Conservation
channels-retention-none = sans limite
channels-retention-days = { $count ->
    [one] { $count } jour, puis effacement
   *[other] { $count } jours, puis effacement
}
channels-backlog = Un nouveau venu trouve
channels-backlog-all = tout depuis le début
channels-backlog-none = seulement ce qui suit son arrivée
channels-exit = Quand un membre n’a plus de part
channels-exit-keep = ce qui a été reçu est gardé
channels-exit-freeze = ce qui a été reçu reste lisible, mais n’est ni transmis ni exporté
channels-exit-erase = chaque côté efface ce qu’il a reçu
channels-legal = Base légale
channels-from = Du
channels-until = Jusqu’au
channels-until-none = nouvel avis
channels-duties = Ce qui doit être fait, et ce qui est interdit
channels-everybody = Tous
channels-duty-acknowledge = accuser réception
channels-duty-answer = répondre
channels-duty-notify = informer les autres parties
channels-duty-delete = effacer
channels-within-minutes = { $count ->
    [one] en { $count } minute au plus
   *[other] en { $count } minutes au plus
}
channels-within-hours = { $count ->
    [one] en { $count } heure au plus
   *[other] en { $count } heures au plus
}
channels-within-days = { $count ->
    [one] en { $count } jour au plus
   *[other] en { $count } jours au plus
}
channels-forbidden-publish = Ne doit pas être publié
channels-forbidden-read = Ne doit pas être lu
channels-forbidden-onward = Ne doit pas être transmis
channels-clauses = Les clauses sur lesquelles il repose
channels-turns = Ce qui va changer
channels-turns-none = Aucun changement n’est prévu ici.
channels-turn-nobody = Cela ne donne ni n’ôte de droit à personne.
channels-logs = Journaux
channels-logs-caption = Un pour chaque auteur et chaque histoire
channels-logs-none = Personne n’a encore écrit ici
channels-logs-none-text = Le premier enregistrement ouvre un journal.
channels-entries = Entrées
channels-origin = Nom du journal
channels-log-whole = complet
channels-log-withheld = { $count ->
    [one] le contenu de { $count } entrée n’est pas arrivé
   *[other] le contenu de { $count } entrées n’est pas arrivé
}
channels-log-stopped = non affiché à partir de l’entrée { $index } : il faut un programme plus récent, ou son ouverture est défectueuse
channels-withdrawals = Retraits
channels-withdrawals-none = Rien n’a été retiré ici.
channels-withdrawals-caption = Qui a effacé ce qui a été retiré
channels-withdrawals-more = Il y en a plus que ce qui est affiché ici.
channels-range = Entrées
channels-erased = Déclarent l’avoir effacé
channels-erased-not = Ne l’ont pas déclaré
