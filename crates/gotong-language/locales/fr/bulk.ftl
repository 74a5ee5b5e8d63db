bulk-bar = Agir sur plusieurs à la fois
bulk-page = { $count ->
    [one] Le seul de cette page ({ $count })
   *[other] Les { $count } de cette page
}
bulk-all = Tous ceux qui correspondent, sur toutes les pages
bulk-chosen = Choisis : { "{" }count{ "}" }
bulk-withdraw = Retirer…
bulk-relabel = Changer l’étiquette…
bulk-download = Télécharger tout ce qui correspond, en STIX 2.1
bulk-pick = Choisir cet enregistrement
bulk-waiting-all = Tout ce qui vous attend, et pas seulement sur cette page :
bulk-waiting-release = Tout diffuser…
bulk-waiting-drop = Tout abandonner…
bulk-title-withdraw = { $count ->
    [0] Ne rien retirer
    [one] Retirer { $count } enregistrement
   *[other] Retirer { $count } enregistrements
}
bulk-title-relabel = { $count ->
    [0] Ne changer aucune étiquette
    [one] Changer l’étiquette de { $count } enregistrement
   *[other] Changer l’étiquette de { $count } enregistrements
}
bulk-title-release = { $count ->
    [0] Ne rien diffuser
    [one] Diffuser { $count } enregistrement en attente
   *[other] Diffuser { $count } enregistrements en attente
}
bulk-title-drop = { $count ->
    [0] Ne rien abandonner
    [one] Abandonner { $count } enregistrement en attente
   *[other] Abandonner { $count } enregistrements en attente
}
bulk-about-withdraw = Il est demandé à chaque détenteur d’en effacer toutes les versions, et son nœud fait savoir quand c’est fait. Ce que quelqu’un a copié ailleurs ne peut pas être rappelé.
bulk-about-relabel = Une étiquette plus stricte s’impose dès maintenant à toutes les versions. Si elle est plus stricte que ce qu’un canal permet, les enregistrements y sont retirés.
bulk-about-release = Chacun est publié dans son canal, comme si vous le diffusiez séparément.
bulk-about-drop = Chacun est effacé à la fin du délai et ne peut alors plus être récupéré.
bulk-caption = Ce qui est concerné, par canal
bulk-records = Enregistrements
bulk-who = À qui il est demandé d’en faire autant
bulk-who-receives = Qui les recevra
bulk-none = Rien de cela ne se prête à cet acte
bulk-none-text = La raison figure ci-dessous. Vous pouvez retirer ce que votre propre côté a publié, et en changer l’étiquette.
bulk-left-out = Ce qui est laissé tel quel
bulk-send = Exécuter dans deux minutes
bulk-send-hint = Pendant deux minutes, on peut l’annuler.
bulk-leave = Tout laisser tel quel
bulk-frozen = Le choix a été arrêté quand cette page a été créée : ce qui arrive maintenant n’y entre pas. Un choix qui n’est pas envoyé est oublié au bout d’une heure.
bulk-held = Exécution dans
bulk-held-text = Jusque-là, on peut l’annuler, et rien n’est arrivé à aucun d’eux. Début à
bulk-undo = Annuler
bulk-running = Exécution en cours
bulk-running-text = Elle se poursuit d’elle-même, que vous regardiez ou non. Elle a commencé et ne peut donc plus être annulée.
bulk-look-again = Voir de nouveau
bulk-look = Examiner
bulk-back = Choisir de nouveau
bulk-undone = { $count ->
    [one] Annulé. Il n’est rien arrivé à { $count } enregistrement choisi.
   *[other] Annulé. Il n’est rien arrivé aux { $count } enregistrements choisis.
}
bulk-left = Rien n’a été fait, et rien du choix n’est gardé.
bulk-again = Publier de nouveau quelque chose
bulk-refused-unknown = Ceci n’existe plus : cela a été fait, laissé, ou oublié au bout d’une heure.
bulk-refused-much = Rien n’a été fait : il y a plus de correspondances que ce qui peut être choisi en une fois, soit { $count } enregistrements, ou 1 000 pour une recherche de mots. Resserrez la question, par exemple par type, canal ou auteur, et choisissez de nouveau.
bulk-refused-late = C’est trop tard : cela a commencé, ou les { $seconds } secondes sont écoulées. Ce qui a été retiré reste retiré et peut être publié de nouveau.
bulk-refused-nothing = Rien n’a été fait : choisissez des enregistrements, puis une raison ou une étiquette.
bulk-outcome-withdraw = { $count ->
    [0] Rien n’a été retiré.
    [one] { $count } enregistrement a été retiré. Il est demandé à chaque détenteur de l’effacer. Cela ne peut pas être annulé ; il peut être publié de nouveau.
   *[other] { $count } enregistrements ont été retirés. Il est demandé à chaque détenteur de les effacer. Cela ne peut pas être annulé ; ils peuvent être publiés de nouveau.
}
bulk-outcome-relabel = { $count ->
    [0] Aucune étiquette n’a été changée.
    [one] L’étiquette de { $count } enregistrement a été changée. Elle peut être changée de nouveau.
   *[other] Les étiquettes de { $count } enregistrements ont été changées. Elles peuvent être changées de nouveau.
}
bulk-outcome-release = { $count ->
    [0] Rien n’a été diffusé.
    [one] { $count } enregistrement a été diffusé. Il peut être retiré.
   *[other] { $count } enregistrements ont été diffusés. Ils peuvent être retirés.
}
bulk-outcome-drop = { $count ->
    [0] Rien n’a été abandonné.
    [one] { $count } enregistrement a été abandonné et effacé.
   *[other] { $count } enregistrements ont été abandonnés et effacés.
}
bulk-line-done = { $count ->
    [one] { $count } enregistrement : fait
   *[other] { $count } enregistrements : fait
}
bulk-line-beyond = { $count ->
    [one] { $count } enregistrement : retiré, car son étiquette est plus stricte que ce que le canal accepte
   *[other] { $count } enregistrements : retirés, car leur étiquette est plus stricte que ce que le canal accepte
}
bulk-line-others = { $count ->
    [one] { $count } enregistrement n’est pas à vous : seul qui l’a publié peut le reprendre
   *[other] { $count } enregistrements ne sont pas à vous : seul qui les a publiés peut les reprendre
}
bulk-line-gone = { $count ->
    [one] { $count } enregistrement n’est plus là : il a été retiré, ou quelqu’un a déjà décidé
   *[other] { $count } enregistrements ne sont plus là : ils ont été retirés, ou quelqu’un a déjà décidé
}
bulk-line-rights = { $count ->
    [one] { $count } enregistrement : non fait, car vous n’avez plus le droit de le faire là
   *[other] { $count } enregistrements : non fait, car vous n’avez plus le droit de le faire là
}
bulk-line-refused = { $count ->
    [one] { $count } enregistrement : refusé
   *[other] { $count } enregistrements : refusés
}
bulk-line-waits = { $count ->
    [one] { $count } enregistrement attend encore
   *[other] { $count } enregistrements attendent encore
}
bulk-now = Ce que vous faites à plusieurs enregistrements
bulk-now-held = commence à
