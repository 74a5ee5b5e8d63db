waiting-title = En attente d’une personne
waiting-about = Ces enregistrements ont été envoyés pour publication, et quelque chose en eux demande d’abord la décision d’une personne. Personne au dehors ne les voit encore.
waiting-none = Rien n’attend
waiting-none-text = Ce qui demande une décision figurera ici.
waiting-no-more = Plus rien n’attend
waiting-first = Revenir au début
waiting-only-look = Vous pouvez consulter. La décision revient à un responsable de diffusion.
waiting-caption = Les plus anciens d’abord
waiting-choose = Choisir
waiting-what = Quoi
waiting-why = Pourquoi cela attend
waiting-all-shown = { $count ->
    [one] Le seul affiché ici ({ $count })
   *[other] Les { $count } affichés ici
}
waiting-release = Diffuser ce qui est choisi
waiting-drop = Abandonner ce qui est choisi
waiting-decide-about = Ce qui est diffusé est publié aussitôt dans son canal. Ce qui est abandonné est effacé et ne peut pas être récupéré.
waiting-next = Suite
waiting-one-title = En attente, numéro
waiting-sender = Envoyé par
waiting-contents = Ce qu’il dit
waiting-release-one = Diffuser
waiting-drop-one = Abandonner
waiting-nothing-chosen = Rien n’a été fait : rien n’était choisi.
waiting-onward = Ce qui attend encore
waiting-released = { $count ->
    [0] Rien n’a été diffusé.
    [one] { $count } enregistrement a été diffusé.
   *[other] { $count } enregistrements ont été diffusés.
}
waiting-dropped = { $count ->
    [0] Rien n’a été abandonné.
    [one] { $count } enregistrement a été abandonné.
   *[other] { $count } enregistrements ont été abandonnés.
}
waiting-line-released = publié
waiting-line-known = était déjà publié
waiting-line-refused = refusé ; reste en attente ici
waiting-line-waits = attend encore
waiting-line-dropped = abandonné et effacé
waiting-line-gone = n’attend plus : quelqu’un a déjà décidé
