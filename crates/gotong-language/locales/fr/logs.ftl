logs-title = Journaux
logs-about = Chaque auteur a son propre journal dans chaque canal. Vérifier, c’est relire un journal depuis sa première entrée et tout comparer à ce que l’auteur a signé.
logs-count = { $count ->
    [one] { $count } journal
   *[other] { $count } journaux
}
logs-none = Il n’y a pas encore de journal.
logs-none-next = Les journaux apparaissent avec le premier accord.
logs-verify = Vérifier
logs-verify-all = Tout vérifier
logs-archive = Archive
logs-archive-channel = Archive de ce canal
logs-archive-all = Archive complète
logs-running = Une vérification est en cours
logs-caption = La longue valeur sous chaque auteur est la racine du journal.
logs-author = Auteur
logs-entries = Entrées
logs-signed = Signé jusqu’à
logs-newest = Dernière entrée arrivée
logs-acts = Vérifier ou conserver
logs-proof = sa preuve
logs-withheld = { $count ->
    [one] { $count } contenu n’est pas arrivé
   *[other] { $count } contenus ne sont pas arrivés
}
logs-stopped = Non affiché à partir de l’entrée { $index } : il faut un programme plus récent
logs-verifying = Vérification
logs-verifying-all = Tous les journaux, tous les index et la base de données.
logs-verifying-about = Vous pouvez quitter cette page : le résultat vous reste acquis. Le nœud continue entre-temps.
logs-far = Entrées lues
logs-look-again = Regarder de nouveau
logs-busy = Le nombre de longs travaux permis en même temps est atteint. Réessayez dans une minute.
logs-gone = Ce journal n’est plus ici.
logs-back = Retour aux journaux
logs-sound = Tout est intact. Journaux lus : { $logs }. Entrées lues : { $entries }.
logs-unsound = Pas intact. Constatations : { $findings }. Journaux lus : { $logs }. Entrées lues : { $entries }.
logs-finding = Constaté :
logs-note = Non examiné :
