# The way in: name and password, the second factor, one-time links.
log-in-title = Log in
log-in-name = Name
log-in-name-hint = 2 to 64 letters a to z, digits and . _ - @ +
log-in-full-name = Your name as others see it
log-in-password = Password
log-in-password-new = New password
# $count is the least number of characters.
log-in-password-hint = At least { $count } characters. A few words that mean something to you alone are good; signs and capitals are not asked for.
log-in-enter = Log in
log-in-wrong = Name and password do not go together here, or the account is closed.
# $count is a number of seconds.
log-in-wait = Too many tries went wrong from here. Try again in { $count ->
    [one] one second
   *[other] { $count } seconds
}.
log-in-lost = Lost the password or the app? Whoever looks after the accounts can send you a one-time link.
log-in-passkey = Log in with a passkey
log-in-passkey-failed = The browser brought no passkey. Use your name and password, or try again.
log-in-passkey-wrong = This passkey does not open anything here, or it took too long. Try again, or use your name and password.
log-in-languages = Languages of these pages
log-in-empty = There are no accounts yet. The node printed a link when it was first started; on its machine, this makes another:
log-in-kept-about = Your session had ended. What you typed is kept on this page: log in, and you will see it again before anything is sent.
log-in-kept-file = A file cannot be kept. Choose it again.
log-in-kept-secret = Your session had ended. Passwords and codes are not kept: log in, and fill in the form again.
log-in-kept-size = Your session had ended, and what you sent is too large to be kept here. It is still in your browser: go back, copy it, and log in.
log-in-kept-title = Send it now?
log-in-kept-look = This is what you typed before your session ended. Nothing has been sent yet.
log-in-kept-path = Goes to
log-in-kept-send = Send it now
log-in-kept-drop = Do not send it
log-in-code-title = Your second factor
log-in-code-about = Open your app and type the six digits that it shows for Gotong.
log-in-code = Code
log-in-code-wrong = This is not the code now. A code counts once, and for about a minute; clocks that differ by more make it wrong.
log-in-code-ended = The code went wrong too often, or it took too long. Log in again.
log-in-code-recovery = Without the app, type one of your recovery codes. Each counts once.
log-in-other = Log in as somebody else
log-in-set-up-title = Set up a second factor
log-in-set-up-demanded = Your role can let something out of the country or run this node. So that a password alone is never enough for that, set up an app first.
log-in-set-up-scan = Scan this with an app that makes one-time codes.
log-in-set-up-type = Or type this into the app:
log-in-set-up-code = Then type the six digits that the app shows.
log-in-set-up-done = Set it up
log-in-qr = QR code with the secret of the second factor
log-in-codes-title = Your recovery codes
log-in-codes-about = The second factor is set up. Each of these codes opens your account once if the app is lost.
log-in-codes-once = They are shown now and never again. Print them, or put them where you keep your passwords.
log-in-codes-kept = I have kept them
log-in-welcome-first = The first account
# $member is the name of the country or organisation, $role the name of a role.
log-in-welcome-first-about = This account looks after the node of { $member }. Its role is { $role }.
log-in-welcome-invite = Welcome
log-in-welcome-invite-about = Somebody has made room for you at the node of { $member }. Your role is { $role }.
log-in-welcome-reset = A new password
log-in-welcome-reset-about = With this link you set a new password for your account at the node of { $member }. The old password, app and recovery codes count no more afterwards.
log-in-welcome-open = Go on
log-in-gone-title = This link does not open
log-in-gone-about = It was used, its time has passed, or a newer one has taken its place. Ask whoever sent it for another.
log-in-refused-account-name = A name has 2 to 64 letters a to z, digits and . _ - @ +, and begins with a letter or a digit.
log-in-refused-account-name-taken = There is an account of this name already. Choose another.
log-in-refused-account-full-name = This name is too long, or has signs in it that cannot be shown.
log-in-refused-password-short = This is too short. At least { $count } characters.
log-in-refused-password-long = This is too long.
log-in-refused-password-even = The same few characters again and again are what is tried first.
log-in-refused-password-own-name = This is little more than the account's own name.
log-in-refused-password-common = This is made of what everybody tries first.
# The way in by the organisation's own identity provider. $name is what the configuration calls it.
log-in-provider = Log in with { $name }
log-in-provider-title = One moment
log-in-provider-to = You are on your way to { $name }.
log-in-provider-in = You are logged in.
log-in-provider-go = Go on
log-in-provider-away = { $name } does not answer as it should. Try again in a while, or log in another way.
log-in-provider-stale = This took too long, was begun in another browser, or was used before. Begin again.
log-in-provider-wrong = What came back from { $name } could not be verified, and nobody was let in. Begin again; if it happens again, tell whoever runs this node.
log-in-provider-denied = { $name } did not confirm who you are. Begin again, or log in another way.
log-in-provider-typed = There is no room now to keep what you typed on the way to another site. Log in another way, or try again in ten minutes.
# $subject is the person's number or name at the provider.
log-in-provider-unknown = { $name } confirms who you are, and no account here is linked with you. Ask whoever looks after the accounts of this node to link yours with this subject: { $subject }
log-in-provider-closed = { $name } confirms who you are, and your account here is closed. Ask whoever looks after the accounts of this node.
log-in-provider-no-role = { $name } puts you into no group that has a role here, or into several with different roles. Ask whoever looks after your groups there.
log-in-provider-no-name = { $name } gives you no name that an account here can have. Ask whoever looks after the accounts of this node to invite you and link your account.
# $name is the name of an account here.
log-in-provider-taken = There is an account { $name } here already. If it is yours, ask whoever looks after the accounts of this node to link it with this subject: { $subject }
log-in-provider-full = This node has as many accounts as it can have. Tell whoever looks after them.
log-in-out-title = You are logged out here
log-in-out-about = You may still be logged in at { $name }: from there, whoever uses this browser next could come in again.
log-in-out-there = Log out there too
log-in-out-again = Log in again
