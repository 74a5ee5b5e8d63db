operation-title = Operação
operation-all-well = Está tudo bem.
operation-some-mind = { $count ->
    [one] { $count } ponto a examinar.
   *[other] { $count } pontos a examinar.
}
operation-some-wrong = { $count ->
    [one] { $count } coisa está mal.
   *[other] { $count } coisas estão mal.
}
operation-checks = Verificações
operation-well = O que está bem
operation-checks-more = O que só a própria máquina mostra, como quem pode ler as chaves, é indicado por
operation-verify = Verificar os registos de canais
operation-look = Examinar
operation-copy = Copiar o comando
operation-copied = O comando foi copiado
operation-word-warn = a examinar
operation-word-bad = mal
operation-check-member = { $member } é membro de { $region }
operation-check-member-none = A carta não nomeia nenhum membro { $member }
operation-next-member-none = Este nó não pode participar. Peça ao coordenador da região a carta que o nomeia.
operation-check-statement = A declaração { $serial } nomeia as chaves deste nó
operation-check-statement-none = Este nó não tem declaração, por isso nenhum par o aceita
operation-next-statement-none = Assine uma declaração com a chave-raiz.
operation-check-statement-other-keys = A declaração mais recente nomeia chaves que não são as deste nó
operation-next-statement-other-keys = Assine uma declaração com a chave-raiz, ou recupere as chaves certas de uma cópia de segurança.
operation-check-statement-no-address = A declaração não nomeia endereço, por isso os pares não alcançam este nó
operation-next-statement-no-address = Defina federation.address em gotong.toml e depois assine uma declaração.
operation-check-statements-missing = Não se conhece nenhuma declaração de { $names }
operation-next-statements-missing = Peça-lhes o ficheiro statement.note e adicione-o.
operation-check-agreements-none = Não se conhece nenhum acordo, por isso nada pode ser partilhado
operation-next-agreements-none = Aceite o ficheiro do acordo que o seu oficial de ligação tem.
operation-check-agreement = O acordo { $name } está em vigor
operation-check-agreement-over = O acordo { $name } está fora das suas datas
operation-next-agreement-over = Verifique o relógio da máquina e as datas. Uma alteração pode prolongá-lo.
operation-check-store = O armazenamento não está atrasado em relação ao seu ficheiro do ponto de controlo
operation-check-store-restored = O armazenamento é mais antigo do que o que dele foi assinado
operation-next-store-restored = Nada publica até que os seus pares tenham sido consultados. Nunca copie nem remova à mão o ficheiro do ponto de controlo.
operation-check-mail = O correio eletrónico é enviado
operation-check-mail-failing = { $count ->
    [one] O correio eletrónico não é enviado, e { $count } mensagem espera: { $why }
   *[other] O correio eletrónico não é enviado, e { $count } mensagens esperam: { $why }
}
operation-next-mail-failing = Examine o servidor de correio e a sua parte da configuração. Cada mensagem é tentada durante três dias.
operation-check-mail-wrong = As mensagens à espera não podem ser lidas: { $why }
operation-next-mail-wrong = Restaure o armazenamento a partir de uma cópia de segurança.
operation-check-views = As vistas estão em dia
operation-check-views-behind = { $count ->
    [one] As vistas têm { $count } chegada de atraso
   *[other] As vistas têm { $count } chegadas de atraso
}
operation-next-views-behind = Recuperam o atraso enquanto o nó funciona.
operation-check-views-wrong = As vistas não podem ser lidas: { $why }
operation-next-views-wrong = Reconstrua-as a partir dos registos de canais. Nada se perde.
operation-check-members-unreachable = { $count ->
    [one] { $count } membro não é alcançado: { $names }
   *[other] { $count } membros não são alcançados: { $names }
}
operation-next-members-unreachable = A tabela em baixo diz porquê. O que é partilhado espera aqui e chega-lhes mais tarde.
operation-check-feeds-failing = { $count ->
    [one] { $count } fluxo falha: { $names }
   *[other] { $count } fluxos falham: { $names }
}
operation-next-feeds-failing = A tabela em baixo diz porquê.
operation-members = Membros
operation-members-caption = Como está a ligação deste nó a cada membro. As contagens começam quando o programa arranca.
operation-members-none = Ainda não há com quem comunicar.
operation-members-none-next = Os membros aparecem quando está em vigor um acordo que partilha com eles.
operation-member = Membro
operation-link = Ligação
operation-contact = Último contacto
operation-no-contact = Nenhum contacto desde que este nó arrancou
operation-since = desde
operation-shared = Canais comuns
operation-why = Porque não lhes chegou?
operation-why-about = Indique um objeto e veja, para cada membro, se o recebe, por que regra, o que se sabe da entrega, e quem o pode mudar.
operation-why-id = Identificador do objeto
operation-why-id-hint = Está na página do objeto, por exemplo indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f.
operation-why-member = Membro
operation-why-all = Todos os membros
operation-why-ask = Mostrar porquê
operation-why-none = Não há nada com este identificador que possa ver.
operation-why-none-next = Se alguém aqui o partilhou, foi recusado antes de entrar num registo do canal: o resultado desse ato diz porquê.
operation-why-nobody = A carta não nomeia nenhum membro assim.
operation-why-caption = O que vale agora para cada membro.
operation-waits = Espera aqui por uma pessoa, e não foi para ninguém
operation-waits-next = Decidir
operation-by = Partilhado por
operation-answer = Já o tem?
operation-rule = Regra
operation-owner = Quem o pode mudar
operation-owner-release = Quem pode divulgar o que está à espera: { $roles }.
operation-owner-agreement = As partes de { $name }, por uma alteração ou um aviso. Pergunte ao seu oficial de ligação.
operation-owner-nobody = Já não há nada a fazer.
operation-owner-author = { $name } escreveu-o e sabe até onde chegou. Pergunte lá.
operation-owner-member = Quem explora o nó de { $name }, logo que a ligação funcione.
operation-has = já o tem
operation-not-yet = ainda não
operation-no-longer = já nada lhe é enviado
operation-never = nunca
operation-state-shown = mostrado
operation-state-held = retido até chegar um documento
operation-state-refused = recusado
operation-state-withheld = o seu conteúdo não chegou
operation-state-withdrawn = retirado
operation-state-control = uma entrada sobre o próprio registo do canal
operation-state-not-shown = não mostrado
operation-stored = O que está guardado
operation-stored-bytes = No disco
operation-stored-logs = Registos de canais
operation-stored-entries = Entradas
operation-stored-live = Registos mostrados
operation-stored-erased = Retirados e apagados
operation-stored-withheld = Conteúdos que não chegaram
operation-stored-held = Retidos por falta de um documento
operation-stored-faulty = Entradas que violam uma regra
operation-stored-quarantined = À espera de uma pessoa
operation-stored-unsigned = Ainda não assinadas
operation-stored-lag = Chegadas em atraso nas vistas
operation-feeds = Fontes, destinos, webhooks
operation-feeds-caption = O que este nó lê e alimenta fora da região.
operation-feeds-none = Ainda não há nada.
operation-feeds-none-next = Adicionar uma fonte
operation-name = Nome
operation-kind = O quê
operation-kind-source = Fonte
operation-kind-target = Destino
operation-kind-webhook = Webhook
operation-health = Estado
operation-last-good = Último êxito
operation-never-yet = ainda não
operation-due = Próxima
operation-late = Deveres em atraso
operation-late-none = Nenhum dever está em atraso.
operation-late-caption = O que as cláusulas pedem a este membro e já passou do prazo.
operation-late-about = Registo
operation-late-duty = Dever
operation-late-due = Prazo
operation-clause = Cláusula
operation-check-backup = { $count ->
    [one] A cópia de segurança mais recente tem menos de { $count } dia
   *[other] A cópia de segurança mais recente tem menos de { $count } dias
}
operation-check-backup-none = Não foi feita nenhuma cópia de segurança deste nó
operation-next-backup-none = Faça uma, guarde-a noutra máquina, e verifique que abre.
operation-check-backup-old = { $count ->
    [one] A cópia de segurança mais recente tem { $count } dia
   *[other] A cópia de segurança mais recente tem { $count } dias
}
operation-next-backup-old = Faça uma todos os dias, e guarde-a noutra máquina.
operation-check-backup-wrong = Não se consegue ler quando foi feita a cópia de segurança mais recente: { $why }
operation-next-backup-wrong = Examine o disco e depois faça uma cópia de segurança.
