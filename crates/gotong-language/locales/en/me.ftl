# A person's own page: account, sessions, second factor, password.
me-title = Your settings
me-back = Back to your settings
me-go-on = Go on
# $count is the number of tries that failed.
me-failed = { $count ->
    [one] One try to log in as you went wrong since you were last here
   *[other] { $count } tries to log in as you went wrong since you were last here
}
me-failed-last = The last one:
me-failed-advice = If that was you, all is well. If not, nobody got in; a second factor keeps it so.
me-failed-knew = Whoever tried knew your password and failed at the code. If that was not you, change the password now and tell whoever looks after the accounts.
me-full-name = Name for others
me-role = Role
me-organisation = Organisation
me-sessions = Where you are logged in
me-sessions-about = A session ends after two hours without use, and after twelve hours at the latest.
me-session-where = From where
me-session-began = Since
me-session-seen = Last used
me-session-this = this one
me-session-end = End
me-session-ended = The session has ended
me-session-gone = There is no such session any more
me-sessions-end-others = End all the others
# $count is the number of sessions that were ended.
me-sessions-ended = { $count ->
    [0] There was no other session
    [one] One other session has ended
   *[other] { $count } other sessions have ended
}
me-second = Second factor
me-second-there = An app is set up
me-second-none = None is set up
me-second-begin = Set up an app
me-second-replace = Set up another app
# $count is the number of recovery codes that are left.
me-recovery-left = { $count ->
    [0] No recovery code is left: make new ones
    [one] One recovery code is left
   *[other] { $count } recovery codes are left
}
me-recovery-renew = Make new recovery codes
me-current = Your password now
me-password = Password
me-password-change = Change the password
me-password-done = The password is changed, and all your other sessions have ended
me-refused-password-wrong = This is not your password now.
me-refused-second-none = Recovery codes stand beside a second factor. Set one up first.
me-settings = How pages are shown to you
me-language = Language
me-language-open = As the browser asks
me-zone = Time zone
# $zone is the name of a time zone.
me-zone-open = As this node: { $zone }
me-calendar = Years
me-calendar-open = As is usual in the language
me-calendar-gregorian = Gregorian
me-calendar-buddhist = Buddhist era
me-theme = Colours
me-theme-auto = As the machine is set
me-theme-light = Light
me-theme-dark = Dark
me-keys = Single keys act on pages
me-keys-hint = Switch them off where speech input or another aid presses keys of its own.
me-settings-save = Keep this
me-settings-done = Pages are shown to you as you wish from now on
me-refused-settings-language = Choose one of these languages.
me-refused-settings-zone = Choose one of these time zones.
me-refused-settings-calendar = Choose one of the two.
me-refused-settings-theme = Choose one of the three.
me-passkeys = Passkeys
me-passkeys-about = A passkey stays in your device or browser and opens only after the device has made sure that it is you. It takes the place of password and second factor.
me-passkeys-none = You have none yet
me-passkeys-yours = Your passkeys
me-passkey-made = Made
me-passkey-remove = Remove this passkey
me-passkey-name = What you call it
me-passkey-name-hint = The device it lives in, such as: office laptop
me-passkey-make = Make a passkey
me-passkey-failed = The browser made no passkey. Try again, or use another browser.
me-passkey-added = The passkey is made, and you can log in with it
me-passkey-removed = The passkey opens nothing any more. Remove it from your device too.
me-refused-passkey-unfit = This browser brought no passkey that can be used here.
me-refused-passkey-stale = This took too long, or was sent before. Try again.
me-refused-passkey-many = You have as many passkeys as there can be. Remove one first.
me-refused-passkey-known = This passkey is known here already.
me-refused-passkey-gone = There is no such passkey any more.
me-refused-passkey-name = A name has 1 to 64 characters.
# The identity provider: the organisation's own place of log-in.
me-provider-about = Once your account is linked, you can log in with what you are logged in with there, and need no password here.
me-provider-linked = Linked with
me-provider-awaited = To be linked at the first log-in with
me-provider-link = Link my account
me-provider-end = End the link
me-provider-done = Your account is linked, and you can log in that way
me-provider-ended = The link has ended, and nobody comes in that way any more
me-provider-refused = Your account was not linked
me-refused-provider-linked = Your account is linked already. End that link first.
me-refused-provider-elsewhere = Another account here is linked with whoever is logged in there. Log out there first, if that was not you.
me-refused-provider-session = The session in which you asked for this has ended. Log in, and begin again.
me-refused-provider-none = Your account is linked with nobody.
