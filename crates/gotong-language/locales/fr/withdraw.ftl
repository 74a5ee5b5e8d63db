withdraw-title = Retirer
withdraw-text = Il est demandé à chaque détenteur d’en effacer toutes les versions, et son nœud fait savoir quand c’est fait. Ce que quelqu’un a copié ailleurs ne peut pas être rappelé.
withdraw-relabel-title = Changer l’étiquette
withdraw-relabel-text = Une étiquette plus stricte s’impose dès maintenant à toutes les versions. Si elle est plus stricte que ce qu’un canal permet, l’objet y est retiré.
withdraw-where = Où
withdraw-asked = La demande ira à :
withdraw-reason = Pourquoi
withdraw-reason-error = C’était erroné
withdraw-reason-agreement = Un accord l’exige
withdraw-reason-legal = La loi l’exige
withdraw-reason-personal-data = Il contient des données personnelles
withdraw-reason-request = Quelqu’un l’a demandé
withdraw-reason-other = Autre raison
withdraw-act = Retirer
withdraw-leave = Laisser tel quel
withdraw-new-label = Nouvelle étiquette
withdraw-relabel-act = Changer
withdraw-now = Tout de suite, sans retour possible
withdraw-parts = Retirer aussi ce qu’il nomme et que rien d’autre ne nomme
withdraw-parts-stay = Ce qu’il nomme garde ses propres étiquettes : changez-les à part.
withdraw-nothing-chosen = Rien n’a été fait : choisissez où, ainsi que la raison ou l’étiquette.
withdraw-again = Choisir de nouveau
withdraw-onward = Tous les enregistrements
withdraw-listed = Ce qui y a été retiré, et qui l’a effacé
withdraw-line-done = fait ; la demande est adressée aux détenteurs
withdraw-line-none = rien de vous ne s’y trouve
withdraw-line-refused = non fait
withdraw-outcome-withdraw = { $entries ->
    [0] Rien n’a été retiré.
    [one] { $entries } entrée a été retirée. Il est demandé à chaque détenteur de l’effacer.
   *[other] { $entries } entrées ont été retirées. Il est demandé à chaque détenteur de les effacer.
}
withdraw-outcome-relabel = { $entries ->
    [0] Aucune étiquette n’a été changée.
    [one] L’étiquette de { $entries } entrée a été changée.
   *[other] Les étiquettes de { $entries } entrées ont été changées.
}
withdraw-reason-superseded = Quelque chose de plus récent en tient lieu
withdraw-reason-source-request = Sa source l’a demandé
withdraw-reason-privacy = Cela en dit trop sur quelqu’un
withdraw-reason-retention = Le temps de conservation est écoulé
withdraw-reason-relabelled = Son étiquette a été changée au-delà de ce que le canal accepte
