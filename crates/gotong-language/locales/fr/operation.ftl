operation-title = Exploitation
operation-all-well = Tout va bien.
operation-some-mind = { $count ->
    [one] { $count } point à examiner.
   *[other] { $count } points à examiner.
}
operation-some-wrong = { $count ->
    [one] { $count } chose ne va pas.
   *[other] { $count } choses ne vont pas.
}
operation-checks = Contrôles
operation-well = Ce qui va bien
operation-checks-more = Ce que seule la machine montre, par exemple qui peut lire les clés, est dit par
operation-verify = Vérifier les journaux
operation-look = Examiner
operation-copy = Copier la commande
operation-copied = La commande est copiée
operation-word-warn = à examiner
operation-word-bad = erreur
operation-check-member = { $member } est membre de { $region }
operation-check-member-none = La charte ne nomme aucun membre { $member }
operation-next-member-none = Ce nœud ne peut pas prendre part. Demandez au coordinateur de la région la charte qui vous nomme.
operation-check-statement = La déclaration { $serial } nomme les clés de ce nœud
operation-check-statement-none = Ce nœud n’a pas de déclaration : aucun pair ne l’accepte
operation-next-statement-none = Signez une déclaration avec la clé racine.
operation-check-statement-other-keys = La déclaration la plus récente nomme d’autres clés que celles de ce nœud
operation-next-statement-other-keys = Signez une déclaration avec la clé racine, ou reprenez les bonnes clés d’une sauvegarde.
operation-check-statement-no-address = La déclaration ne nomme pas d’adresse : les pairs ne peuvent pas joindre ce nœud
operation-next-statement-no-address = Réglez federation.address dans gotong.toml, puis signez une déclaration.
operation-check-statements-missing = Aucune déclaration n’est connue de { $names }
operation-next-statements-missing = Demandez-leur le fichier statement.note et ajoutez-le.
operation-check-agreements-none = Aucun accord n’est connu : rien ne peut être partagé
operation-next-agreements-none = Acceptez le fichier de l’accord que détient votre agent de liaison.
operation-check-agreement = L’accord { $name } est en vigueur
operation-check-agreement-over = L’accord { $name } est hors de ses dates
operation-next-agreement-over = Vérifiez l’horloge de la machine et les dates. Une modification peut le prolonger.
operation-check-store = Le stockage n’est pas en retard sur son fichier de point de contrôle
operation-check-store-restored = Le stockage est plus ancien que ce qui en a été signé
operation-next-store-restored = Il ne publie rien tant que ses pairs n’ont pas été interrogés. Ne copiez ni ne retirez jamais à la main le fichier de point de contrôle.
operation-check-mail = Les courriels partent
operation-check-mail-failing = { $count ->
    [one] Les courriels ne partent pas, et { $count } message attend : { $why }
   *[other] Les courriels ne partent pas, et { $count } messages attendent : { $why }
}
operation-next-mail-failing = Examinez le serveur de courriel et sa partie de la configuration. Chaque message est tenté pendant trois jours.
operation-check-mail-wrong = Les messages en attente ne peuvent pas être lus : { $why }
operation-next-mail-wrong = Restaurez le stockage à partir d’une sauvegarde.
operation-check-views = Les vues sont à jour
operation-check-views-behind = { $count ->
    [one] Les vues ont { $count } arrivée de retard
   *[other] Les vues ont { $count } arrivées de retard
}
operation-next-views-behind = Elles rattrapent leur retard pendant que le nœud tourne.
operation-check-views-wrong = Les vues ne peuvent pas être lues : { $why }
operation-next-views-wrong = Reconstruisez-les à partir des journaux. Rien n’est perdu.
operation-check-members-unreachable = { $count ->
    [one] { $count } membre n’est pas atteint : { $names }
   *[other] { $count } membres ne sont pas atteints : { $names }
}
operation-next-members-unreachable = Le tableau ci-dessous dit pourquoi. Ce qui est partagé attend ici et leur parvient plus tard.
operation-check-feeds-failing = { $count ->
    [one] { $count } flux échoue : { $names }
   *[other] { $count } flux échouent : { $names }
}
operation-next-feeds-failing = Le tableau ci-dessous dit pourquoi.
operation-members = Membres
operation-members-caption = L’état du lien de ce nœud avec chaque membre. Les compteurs commencent au démarrage du programme.
operation-members-none = Il n’y a encore personne avec qui échanger.
operation-members-none-next = Des membres apparaissent dès qu’un accord que vous partagez avec eux est en vigueur.
operation-member = Membre
operation-link = Lien
operation-contact = Dernier contact
operation-no-contact = Aucun contact depuis le démarrage de ce nœud
operation-since = depuis
operation-shared = Canaux communs
operation-why = Pourquoi ne leur est-il pas parvenu ?
operation-why-about = Nommez un objet et voyez pour chaque membre s’il le reçoit, selon quelle règle, ce que l’on sait de la remise, et qui peut y changer quelque chose.
operation-why-id = Identifiant de l’objet
operation-why-id-hint = Il figure sur la page de l’objet, par exemple indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f.
operation-why-member = Membre
operation-why-all = Tous les membres
operation-why-ask = Montrer pourquoi
operation-why-none = Il n’y a rien de cet identifiant que vous puissiez voir.
operation-why-none-next = Si quelqu’un d’ici l’a partagé, il a été refusé avant d’entrer dans un journal : le résultat de cet acte dit pourquoi.
operation-why-nobody = La charte ne nomme aucun membre de ce nom.
operation-why-caption = Ce qui vaut à présent pour chaque membre.
operation-waits = Il attend ici une personne et n’est parti vers personne
operation-waits-next = En décider
operation-by = Partagé par
operation-answer = L’a-t-il ?
operation-rule = Règle
operation-owner = Qui peut y changer quelque chose
operation-owner-release = Quiconque peut diffuser ce qui attend : { $roles }.
operation-owner-agreement = Les parties de { $name }, par une modification ou une notification. Demandez à votre agent de liaison.
operation-owner-nobody = Il ne reste rien à faire.
operation-owner-author = { $name } l’a écrit et sait jusqu’où il est parvenu. Demandez-y.
operation-owner-member = Qui exploite le nœud de { $name }, une fois que le lien fonctionne.
operation-has = l’a
operation-not-yet = pas encore
operation-no-longer = ne reçoit plus rien
operation-never = jamais
operation-state-shown = affiché
operation-state-held = en suspens jusqu’à l’arrivée d’un document
operation-state-refused = refusé
operation-state-withheld = son contenu n’est pas arrivé
operation-state-withdrawn = retiré
operation-state-control = une entrée sur le journal lui-même
operation-state-not-shown = non affiché
operation-stored = Ce qui est stocké
operation-stored-bytes = Sur le disque
operation-stored-logs = Journaux
operation-stored-entries = Entrées
operation-stored-live = Enregistrements affichés
operation-stored-erased = Retirés et effacés
operation-stored-withheld = Contenus non arrivés
operation-stored-held = En suspens, faute d’un document
operation-stored-faulty = Entrées qui enfreignent une règle
operation-stored-quarantined = En attente d’une personne
operation-stored-unsigned = Pas encore signées
operation-stored-lag = Arrivées que les vues ont de retard
operation-feeds = Sources, cibles, webhooks
operation-feeds-caption = Ce que ce nœud lit et alimente hors de la région.
operation-feeds-none = Il n’y en a pas encore.
operation-feeds-none-next = Ajouter une source
operation-name = Nom
operation-kind = Quoi
operation-kind-source = Source
operation-kind-target = Cible
operation-kind-webhook = Webhook
operation-health = État
operation-last-good = Dernier succès
operation-never-yet = pas encore
operation-due = Prochain
operation-late = Obligations en retard
operation-late-none = Aucune obligation n’est en retard.
operation-late-caption = Ce que des clauses demandent à ce membre et dont l’échéance est passée.
operation-late-about = Enregistrement
operation-late-duty = Obligation
operation-late-due = Échéance
operation-clause = Clause
operation-check-backup = { $count ->
    [one] La sauvegarde la plus récente a moins de { $count } jour
   *[other] La sauvegarde la plus récente a moins de { $count } jours
}
operation-check-backup-none = Aucune sauvegarde de ce nœud n’a été faite
operation-next-backup-none = Faites-en une, gardez-la sur une autre machine, et vérifiez qu’elle s’ouvre.
operation-check-backup-old = { $count ->
    [one] La sauvegarde la plus récente date de { $count } jour
   *[other] La sauvegarde la plus récente date de { $count } jours
}
operation-next-backup-old = Faites-en une chaque jour, et gardez-la sur une autre machine.
operation-check-backup-wrong = La date de la sauvegarde la plus récente ne peut pas être lue : { $why }
operation-next-backup-wrong = Examinez le disque, puis faites une sauvegarde.
