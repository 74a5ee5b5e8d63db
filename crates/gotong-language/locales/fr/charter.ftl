charter-title = Charte et membres
charter-words-about = Le nom de cette région. Lisez-vous ces mots au téléphone : là où tous entendent les mêmes mots, tous ont la même charte.
charter-founded = Fondée
charter-number = Charte numéro
charter-voters = Qui peut la changer
charter-rule = Combien il en faut
charter-rule-all = tous
charter-rule-some = { $count ->
    [one] au moins { $count }
   *[other] au moins { $count }
}
charter-grace = Délai pendant lequel une notification peut rester inconnue
charter-grace-hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
charter-download = Télécharger la charte
charter-members = Membres
charter-role-state = État
charter-role-partner = Partenaire
charter-role-coordinator = Coordinateur
charter-keys = Clés
charter-keys-about = La clé racine d’un membre est gardée hors ligne et signe chartes, accords et notifications. Ses mots peuvent être comparés de vive voix.
charter-keys-caption = La clé racine de chaque membre, et ce qu’elle a dit en dernier du nœud de ce membre
charter-member = Membre
charter-voter = peut changer la charte
charter-key = Clé racine
charter-since = depuis la charte numéro
charter-statement = Clés et adresses du nœud
charter-statement-number = numéro
charter-statement-none = la clé racine n’a pas dit quel nœud est le sien
charter-said = Participations suspendues ou terminées
charter-said-none = Aucun membre n’a suspendu ni terminé sa participation, et aucun n’est parti.
charter-former = Anciens membres
charter-versions = Versions
charter-versions-caption = La plus récente d’abord
charter-changes = Ce qu’elle a changé
charter-in-force = en vigueur
charter-not-yet = pas encore en vigueur
charter-followed = suivie d’une plus récente
charter-waits = attend des signatures, ou une autre du même numéro compte
charter-waits-before = attend la charte qui la précède
charter-change-joins = { $name } adhère
charter-change-leaves = { $name } part
charter-change-key = { $name } a une nouvelle clé racine
charter-change-member = Ce qui est dit de { $name } est changé
charter-change-voters = Ceux qui peuvent changer la charte changent
charter-change-grace = Le délai pendant lequel une notification peut rester inconnue est changé
charter-change-name = Le nom de la région est changé
charter-house = Règle interne : ce qui est montré aux organisations que vous servez
