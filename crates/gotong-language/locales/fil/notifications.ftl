notifications-title = Mga abiso
notifications-choose = Mga naka-save na paghahanap, at kung paano ka sinasabihan
notifications-none = Wala pang naisasabi sa iyo.
notifications-none-text = Mag-save ng paghahanap at piliin kung paano mo gustong masabihan ng nahanap nito.
notifications-caption = Ang mga naisabi sa iyo, pinakabago muna. Nawawala ang pinakaluma kapag umabot sa 200.
notifications-what = Ano ang bago
notifications-mark = Nabasa
notifications-read = nabasa
notifications-read-one = Markahang nabasa
notifications-read-all = Markahang nabasa ang lahat
notifications-waits-go = Tingnan ang naghihintay
notifications-bell = { $count } abisong hindi mo pa nababasa
notifications-found = { $count } bagong rekord
notifications-waits-duties = Dumating na ang takda ng { $count } mong tungkulin.
notifications-waits-records = { $count } rekord ang naghihintay ng pasya.
notifications-waits-second = { $count } ibabahagi ang naghihintay ng pangalawang tao.
notifications-mail-code-title = Ang iyong code
notifications-mail-code = May humiling, sana ay ikaw, na dumating sa address na ito ang e-mail mula sa Gotong. Ilagay ang code na ito sa iyong mga naka-save na paghahanap sa loob ng isang oras:
notifications-mail-code-not-you = Kung hindi ikaw iyon, wala kang kailangang gawin: wala nang darating pang e-mail.
notifications-mail-found = { $count } bagong rekord sa isang paghahanap mo
notifications-mail-above = May bago hanggang { $label }: mag-log in upang makita
notifications-mail-waits = { $count } bagay ang naghihintay sa iyo
notifications-mail-foot = Hiniling mo sa { $node } ang e-mail na ito. Pinipili mo ang dumarating sa iyong mga naka-save na paghahanap.
notifications-unread-one = Markahang muli na hindi pa nabasa
notifications-marked-one = Minarkahang nabasa.
notifications-unmarked-one = Muling minarkahang hindi pa nabasa.
notifications-undo-one = I-undo
notifications-marked = { $count ->
    [one] { $count } abiso ang minarkahang nabasa
   *[other] { $count } abiso ang minarkahang nabasa
}
notifications-none-marked = Nabasa na ang lahat ng abiso
notifications-undo = { $count ->
    [one] I-undo: markahang muli na hindi pa nabasa ang { $count } abisong ito
   *[other] I-undo: markahang muli na hindi pa nabasa ang { $count } abisong ito
}
notifications-unmarked = { $count ->
    [one] { $count } abiso ang minarkahang muli na hindi pa nabasa
   *[other] { $count } abiso ang minarkahang muli na hindi pa nabasa
}
notifications-none-unmarked = Walang minarkahan: hindi pa talaga nabasa ang mga ito, o wala na
notifications-back = Bumalik sa mga abiso
