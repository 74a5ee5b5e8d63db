now-title = En ce moment
now-waits = Ce qui vous attend
now-nothing-waits = Rien ne vous attend.
now-nothing-waits-text = Les obligations assorties d’un délai et les enregistrements qui demandent une décision figurent ici.
now-quarantine = En attente d’une décision
now-quarantine-text = Enregistrements retenus par la politique ou par une liste d’avertissement.
now-overdue = en retard depuis
now-due = échéance
now-members = La région
now-here = ce nœud
now-connected = connecté
now-dialling = connexion en cours
now-idle = rien de partagé
now-unreachable = injoignable
now-news = Nouveautés
now-news-caption = Les enregistrements les plus récents que vous pouvez voir : ce qui est arrivé en dernier vient en premier.
now-new-pill = { "{" }count{ "}" } nouveaux : afficher
now-no-news = Rien n’est encore arrivé.
now-no-news-next = Partager quelque chose
now-all = Tous les enregistrements
now-trouble-next = Ce qui peut être fait figure à la page « Exploitation ».
now-restored = Ce nœud a été restauré à partir d’une copie plus ancienne et ne publie rien tant qu’une personne ne l’a pas autorisé.
now-behind = { $count ->
    [one] { $count } enregistrement ne peut pas encore être recherché : le nœud y travaille.
   *[other] { $count } enregistrements ne peuvent pas encore être recherchés : le nœud y travaille.
}
now-silent-store = Le stockage ne répond pas.
