me-title = As suas definições
me-back = Voltar às suas definições
me-go-on = Continuar
me-failed = { $count ->
    [one] { $count } tentativa de iniciar sessão em seu nome falhou desde a última vez que aqui esteve
   *[other] { $count } tentativas de iniciar sessão em seu nome falharam desde a última vez que aqui esteve
}
me-failed-last = A última:
me-failed-advice = Se foi o próprio, está tudo bem. Se não, ninguém entrou; um segundo fator faz com que assim continue.
me-failed-knew = Quem tentou sabia a sua palavra-passe e falhou no código. Se não foi o próprio, mude agora a palavra-passe e avise quem cuida das contas.
me-full-name = Nome para os outros
me-role = Função
me-organisation = Organização
me-sessions = Onde tem sessão iniciada
me-sessions-about = Uma sessão termina após duas horas sem uso, e o mais tardar após doze horas.
me-session-where = De onde
me-session-began = Desde
me-session-seen = Último uso
me-session-this = esta
me-session-end = Terminar
me-session-ended = A sessão terminou
me-session-gone = Essa sessão já não existe
me-sessions-end-others = Terminar todas as outras
me-sessions-ended = { $count ->
    [0] Não havia outra sessão
    [one] { $count } outra sessão terminou
   *[other] { $count } outras sessões terminaram
}
me-second = Segundo fator
me-second-there = Há uma aplicação configurada
me-second-none = Nenhum está configurado
me-second-begin = Configurar uma aplicação
me-second-replace = Configurar outra aplicação
me-recovery-left = { $count ->
    [0] Não resta nenhum código de recuperação: crie novos
    [one] Resta { $count } código de recuperação
   *[other] Restam { $count } códigos de recuperação
}
me-recovery-renew = Criar novos códigos de recuperação
me-current = A sua palavra-passe atual
me-password = Palavra-passe
me-password-change = Mudar a palavra-passe
me-password-done = A palavra-passe foi mudada, e todas as suas outras sessões terminaram
me-refused-password-wrong = Esta não é a sua palavra-passe atual.
me-refused-second-none = Os códigos de recuperação acompanham um segundo fator. Configure primeiro um.
me-settings = Como as páginas lhe são mostradas
me-language = Língua
me-language-open = Conforme o navegador
me-zone = Fuso horário
me-zone-open = Como este nó: { $zone }
me-calendar = Anos
me-calendar-open = Conforme o uso da língua
me-calendar-gregorian = Gregoriano
me-calendar-buddhist = Era budista
me-theme = Cores
me-theme-auto = Conforme o dispositivo
me-theme-light = Claro
me-theme-dark = Escuro
me-keys = Teclas isoladas atuam nas páginas
me-keys-hint = Desligue-as se a introdução por voz ou outra ajuda premir teclas por si.
me-settings-save = Guardar
me-settings-done = A partir de agora as páginas são mostradas como deseja
me-refused-settings-language = Escolha uma destas línguas.
me-refused-settings-zone = Escolha um destes fusos horários.
me-refused-settings-calendar = Escolha um dos dois.
me-refused-settings-theme = Escolha um dos três.
me-passkeys = Chaves-passe
me-passkeys-about = Uma chave-passe fica no seu dispositivo ou navegador e só abre depois de o dispositivo se certificar de que é a própria pessoa. Substitui a palavra-passe e o segundo fator.
me-passkeys-none = Ainda não tem nenhuma
me-passkeys-yours = As suas chaves-passe
me-passkey-made = Criada
me-passkey-remove = Remover esta chave-passe
me-passkey-name = O nome que lhe dá
me-passkey-name-hint = O dispositivo onde está, por exemplo: portátil do escritório
me-passkey-make = Criar uma chave-passe
me-passkey-failed = O navegador não criou uma chave-passe. Tente de novo, ou use outro navegador.
me-passkey-added = A chave-passe está criada, e pode iniciar sessão com ela
me-passkey-removed = A chave-passe já não abre nada. Remova-a também do seu dispositivo.
me-refused-passkey-unfit = Este navegador não apresentou uma chave-passe que aqui se possa usar.
me-refused-passkey-stale = Demorou demasiado, ou já tinha sido enviado. Tente de novo.
me-refused-passkey-many = Já tem o número máximo de chaves-passe. Remova uma primeiro.
me-refused-passkey-known = Esta chave-passe já é aqui conhecida.
me-refused-passkey-gone = Esta chave-passe já não existe.
me-refused-passkey-name = Um nome tem de 1 a 64 caracteres.
me-provider-about = Depois de a sua conta estar associada, pode iniciar sessão com aquilo com que lá inicia sessão, e não precisa de palavra-passe aqui.
me-provider-linked = Associada a
me-provider-awaited = A associar no primeiro início de sessão com
me-provider-link = Associar a minha conta
me-provider-end = Terminar a associação
me-provider-done = A sua conta está associada, e pode iniciar sessão dessa forma
me-provider-ended = A associação terminou, e já ninguém entra por aí
me-provider-refused = A sua conta não foi associada
me-refused-provider-linked = A sua conta já está associada. Termine primeiro essa associação.
me-refused-provider-elsewhere = Outra conta daqui está associada a quem lá tem sessão iniciada. Termine lá a sessão primeiro, se não foi o próprio.
me-refused-provider-session = A sessão em que o pediu terminou. Inicie sessão e comece de novo.
me-refused-provider-none = A sua conta não está associada a ninguém.
