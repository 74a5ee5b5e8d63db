me-title = Vos réglages
me-back = Retour à vos réglages
me-go-on = Continuer
me-failed = { $count ->
    [one] { $count } essai de connexion sous votre nom a échoué depuis votre dernier passage
   *[other] { $count } essais de connexion sous votre nom ont échoué depuis votre dernier passage
}
me-failed-last = Le dernier :
me-failed-advice = Si c’était vous, tout va bien. Sinon, personne n’est entré ; un second facteur fait que cela reste ainsi.
me-failed-knew = La personne qui a essayé connaissait votre mot de passe et a échoué au code. Si ce n’était pas vous, changez le mot de passe maintenant et prévenez la personne qui gère les comptes.
me-full-name = Nom pour les autres
me-role = Rôle
me-organisation = Organisation
me-sessions = Où vous êtes connecté
me-sessions-about = Une session prend fin après deux heures sans usage, et au plus tard après douze heures.
me-session-where = D’où
me-session-began = Depuis
me-session-seen = Dernier usage
me-session-this = celle-ci
me-session-end = Mettre fin
me-session-ended = La session a pris fin
me-session-gone = Cette session n’existe plus
me-sessions-end-others = Mettre fin à toutes les autres
me-sessions-ended = { $count ->
    [0] Il n’y avait pas d’autre session
    [one] { $count } autre session a pris fin
   *[other] { $count } autres sessions ont pris fin
}
me-second = Second facteur
me-second-there = Une application est configurée
me-second-none = Aucun n’est configuré
me-second-begin = Configurer une application
me-second-replace = Configurer une autre application
me-recovery-left = { $count ->
    [0] Il ne reste aucun code de secours : créez-en de nouveaux
    [one] Il reste { $count } code de secours
   *[other] Il reste { $count } codes de secours
}
me-recovery-renew = Créer de nouveaux codes de secours
me-current = Votre mot de passe actuel
me-password = Mot de passe
me-password-change = Changer le mot de passe
me-password-done = Le mot de passe est changé, et toutes vos autres sessions ont pris fin
me-refused-password-wrong = Ce n’est pas votre mot de passe actuel.
me-refused-second-none = Les codes de secours accompagnent un second facteur. Configurez-en d’abord un.
me-settings = Comment les pages vous sont présentées
me-language = Langue
me-language-open = Selon le navigateur
me-zone = Fuseau horaire
me-zone-open = Comme ce nœud : { $zone }
me-calendar = Années
me-calendar-open = Selon l’usage de la langue
me-calendar-gregorian = Grégorien
me-calendar-buddhist = Ère bouddhique
me-theme = Couleurs
me-theme-auto = Selon l’appareil
me-theme-light = Clair
me-theme-dark = Sombre
me-keys = Des touches seules agissent sur les pages
me-keys-hint = Désactivez-les si la saisie vocale ou une autre aide actionne elle-même des touches.
me-settings-save = Garder ces réglages
me-settings-done = Les pages vous sont désormais présentées comme vous le souhaitez
me-refused-settings-language = Choisissez l’une de ces langues.
me-refused-settings-zone = Choisissez l’un de ces fuseaux horaires.
me-refused-settings-calendar = Choisissez l’un des deux.
me-refused-settings-theme = Choisissez l’un des trois.
me-passkeys = Clés d’accès
me-passkeys-about = Une clé d’accès reste dans votre appareil ou navigateur et ne s’ouvre qu’une fois que l’appareil s’est assuré que c’est vous. Elle remplace le mot de passe et le second facteur.
me-passkeys-none = Vous n’en avez pas encore
me-passkeys-yours = Vos clés d’accès
me-passkey-made = Créée
me-passkey-remove = Retirer cette clé d’accès
me-passkey-name = Le nom que vous lui donnez
me-passkey-name-hint = L’appareil où elle se trouve, par exemple : portable du bureau
me-passkey-make = Créer une clé d’accès
me-passkey-failed = Le navigateur n’a pas créé de clé d’accès. Réessayez, ou utilisez un autre navigateur.
me-passkey-added = La clé d’accès est créée, et vous pouvez vous connecter avec elle
me-passkey-removed = La clé d’accès n’ouvre plus rien. Retirez-la aussi de votre appareil.
me-refused-passkey-unfit = Ce navigateur n’a pas fourni de clé d’accès utilisable ici.
me-refused-passkey-stale = Cela a pris trop de temps, ou a déjà été envoyé. Réessayez.
me-refused-passkey-many = Vous avez déjà le nombre maximal de clés d’accès. Retirez-en une d’abord.
me-refused-passkey-known = Cette clé d’accès est déjà connue ici.
me-refused-passkey-gone = Cette clé d’accès n’existe plus.
me-refused-passkey-name = Un nom a de 1 à 64 caractères.
me-provider-about = Une fois votre compte rattaché, vous pouvez vous connecter avec ce qui vous sert à vous connecter là-bas, et n’avez besoin d’aucun mot de passe ici.
me-provider-linked = Rattaché à
me-provider-awaited = À rattacher à la première connexion avec
me-provider-link = Rattacher mon compte
me-provider-end = Mettre fin au rattachement
me-provider-done = Votre compte est rattaché, et vous pouvez vous connecter ainsi
me-provider-ended = Le rattachement a pris fin, et plus personne n’entre par là
me-provider-refused = Votre compte n’a pas été rattaché
me-refused-provider-linked = Votre compte est déjà rattaché. Mettez d’abord fin à ce rattachement.
me-refused-provider-elsewhere = Un autre compte d’ici est rattaché à la personne connectée là-bas. Déconnectez-vous-y d’abord, si ce n’était pas vous.
me-refused-provider-session = La session dans laquelle vous l’avez demandé a pris fin. Connectez-vous et recommencez.
me-refused-provider-none = Votre compte n’est rattaché à personne.
