now-title = Ngayon
now-waits = Mga naghihintay sa iyo
now-nothing-waits = Walang naghihintay sa iyo.
now-nothing-waits-text = Nakalagay rito ang mga tungkuling may takdang oras at mga rekord na kailangang pagpasiyahan ng tao.
now-quarantine = Naghihintay ng pasya
now-quarantine-text = Mga rekord na pinigil ng patakaran o ng listahan ng babala.
now-overdue = lampas na mula noong
now-due = takdang oras
now-members = Ang rehiyon
now-here = node na ito
now-connected = nakakonekta
now-dialling = kumokonekta
now-idle = walang ibinabahagi
now-unreachable = hindi maabot
now-news = Ano ang bago
now-news-caption = Ang mga pinakabagong rekord na maaari mong makita: nauuna ang huling dumating.
now-new-pill = { "{" }count{ "}" } bago: ipakita
now-no-news = Wala pang dumarating.
now-no-news-next = Magbahagi
now-all = Lahat ng rekord
now-trouble-next = Nasa pahinang “Operasyon” ang maaaring gawin.
now-restored = Ibinalik ang node na ito mula sa mas lumang kopya at wala itong ilalathala hangga’t walang taong nagpapahintulot.
now-behind = { $count ->
    [one] { $count } rekord ang hindi pa mahahanap: inaayos na ng node.
   *[other] { $count } rekord ang hindi pa mahahanap: inaayos na ng node.
}
now-silent-store = Hindi sumasagot ang imbakan.
