start-title = Premiers pas
start-about = Un nœud neuf a quelques choses à faire. L’état de chacune est déduit de ce qui s’y trouve ; rien n’est à cocher.
start-caption = Les premiers pas de ce nœud. Faites-les dans l’ordre que vous voulez.
start-step = Étape
start-what = De quoi il s’agit
start-state = État
start-done = fait
start-open = à faire
start-none = Il n’y a rien à faire ici pour votre rôle.
start-none-text = La personne qui exploite le nœud ou gère les comptes voit ici les premiers pas.
start-identity = Qui nous sommes
start-identity-statement = La charte est acceptée. Rien ne dit encore quel nœud parle pour nous : la clé racine le signe. Sur la machine du nœud :
start-identity-root = La charte est acceptée et les clés de ce nœud sont signées. La clé racine se trouve encore sur cette machine : copiez-la en deux endroits sans réseau, vérifiez chaque copie, puis retirez-la d’ici. Ceci vérifie une copie :
start-identity-done = La charte est acceptée, les clés de ce nœud sont signées, et la clé racine n’est pas sur cette machine.
start-people = Une seconde personne
start-people-text = Un compte pour quelqu’un d’autre, afin que le nœud ne dépende pas d’une seule personne.
start-source = Une source
start-source-text = Un flux extérieur que le nœud lit de lui-même.
start-partner = Un partenaire
start-partner-text = Un accord en vigueur avec un autre membre. Sans accord, rien n’est partagé.
start-partner-practice = Un nœud d’entraînement est seul dans sa région. Pour vous exercer avec des partenaires, organisez une répétition avec eux : le manuel dit comment.
start-share = Un partage d’essai
start-share-text = Quelque chose de petit, partagé avec le partenaire. La page dit qui le verra avant tout envoi.
start-away = Ranger cette liste
start-back = Afficher cette liste sur la première page
start-away-done = La liste des premiers pas est rangée.
start-back-done = La liste des premiers pas figure de nouveau sur la première page, jusqu’à ce que quelque chose soit partagé avec un partenaire.
start-onward = Vers la première page
start-exercise = Données d’exercice
start-exercise-none = Les données d’exercice demandent un canal d’exercice, et ce nœud n’en a pas. La règle interne en ouvre un : un type de canal avec « exercise = true ». Ceci écrit un projet :
start-exercise-about = { $count ->
    [one] { $count } objet inventé
   *[other] { $count } objets inventés
} d’un cas qui n’a jamais eu lieu, pour voir l’aspect de chaque chose. Ces données sont partout marquées comme exercice, ne quittent jamais ce nœud et se retirent d’un seul clic.
start-exercise-loaded = { $count ->
    [one] { $count } objet
   *[other] { $count } objets
} d’un cas inventé dans { $channel }. Les listes d’enregistrements réels ne les montrent jamais.
start-exercise-look = Les examiner
start-exercise-load = Charger des données d’exercice
start-exercise-rest = Charger ce qui manque
start-exercise-remove = Retirer les données d’exercice
start-load-done = { $count ->
    [one] { $count } objet d’exercice est chargé.
   *[other] { $count } objets d’exercice sont chargés.
}
start-load-known = Les données d’exercice étaient déjà là. Rien n’a été changé.
start-load-refused = Le canal d’exercice n’accepte aucune des données d’exercice.
start-load-line-refused = Le canal n’accepte pas ceci.
start-remove-done = { $count ->
    [one] { $count } objet d’exercice est retiré.
   *[other] { $count } objets d’exercice sont retirés.
}
start-remove-line = { $count ->
    [one] Le contenu de { $count } entrée est effacé. Le journal garde la trace de son retrait.
   *[other] Les contenus de { $count } entrées sont effacés. Le journal garde la trace de leur retrait.
}
start-remove-none = Il n’y avait pas de données d’exercice. Rien n’a été changé.
