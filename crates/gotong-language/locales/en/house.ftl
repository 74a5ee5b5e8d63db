# The house rule: what the organisations that a member serves are shown.
house-title = House rule
house-about = What your country alone decides: channels of your own, and which class of organisations that you serve reads what, up to which label. It never leaves your machines.
house-none = No house rule counts here yet.
house-none-text = Until one does, nobody but your staff is shown anything, and no organisation can be served.
house-begin = Draft one
house-amend = Draft the next version
house-hand-in = Hand in a signed version
house-number = Version
house-in-force = in force
house-not-yet = not yet in force
house-over = over
house-followed = followed by another
house-who = Who reads what
house-who-about = As it counts at this moment: what the rule gives and the agreement lets go on. What is not named here is not shown.
house-more = There is more than is shown here.
house-served = { $count ->
    [0] No organisation of this class is served.
    [one] One organisation of this class is served.
   *[other] { $count } organisations of this class are served.
}
house-caption = what is read, and up to which label
house-up-to = Up to
house-by = By clause
house-own = each organisation its own, and your staff
house-kinds = only
house-except = but never
house-nothing = Nothing is shown to them now.
house-nothing-text = The rule gives nothing, or no agreement in force lets it go on.
house-classes-none = The rule has no classes: nobody but your staff reads anything.
house-staff = Your staff
house-staff-about = In channels of your own. What your staff reads of agreements stands there.
house-channels-none = The rule opens no channels of your own.
house-versions = Versions
house-changed = What changed
house-first = The first version.
house-draft-title = Draft the house rule
house-draft-about = The version that counts stands below, as people write it. Change it, and see who would read more or less before anybody signs.
house-draft-first = A draft to begin from stands below. Change it to what your country decided, and see who would read what before anybody signs.
house-draft-next = Look at what it would change, then have it signed.
house-source = The rule, in TOML
house-source-hint = A whole rule, and not only what changes. Every rule names the clause that it carries out.
house-check = Check it
house-leave = Leave it
house-would = What it would change, as of
house-would-nothing = Nobody would read more or less because of it.
house-would-caption = Who would read more, and who less
house-would-who = Who
house-would-now = Now
house-would-then = Then
house-would-up-to = up to
house-would-none = nothing
house-would-more = reads more
house-would-less = reads less
house-sign-about = The rule counts once your root key has signed it. That key is kept offline, so nothing is signed on this page, and whoever drafts it cannot put it into force alone.
house-download = Download
house-onward = Look at the house rule
