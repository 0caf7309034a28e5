/** Words that say nothing of what a text is about, and by which a language is known: the most frequent ones, and what people say while they think. */

const LISTS: Readonly<Record<string, string>> = {
  en: `a about above actually after again against all almost alright also always am an and any anything are aren't around as at away back be because been before being below between both bit but by came can can't
    cannot cause come coming could couldn't did didn't do does doesn't doing don't done down during each else even ever every everyone everything few for from get gets getting give go goes going gone gonna good got gotta
    great guess guys had hadn't has hasn't have haven't having he he's her here here's hers hey hi him his how i i'd i'll i'm i've if in into is isn't it it's its just kind know last let let's like little look
    looking lot made make makes many maybe me mean more most much must my myself need never next nice no nope not nothing now of off oh ok okay on once one only or other our out over own people please pretty probably put
    quite really right said same say saying see seen she should shouldn't since so some somebody someone something sort still stuff such sure take taking tell than thank thanks that that'd that'll that's the their them
    then there there's these they they'd they'll they're they've thing things think this those though thought through time to today together too totally try trying two uh uhh um umm under until up upon us use used
    using very wait wanna want wanted was wasn't way we we'd we'll we're we've well went were weren't what what's whatever when where which while who whole whose why will with won't would wouldn't wow yeah year yep yes
    yet you you'd you'll you're you've your yours yourself`,
  de: `aber alle allem allen aller alles also am an ander andere anderem anderen auch auf aus bei beim bin bis bist bitte da dabei dadurch dafür damit dann das dass daß dein deine dem den denn der des dich die dies diese
    diesem diesen dieser dieses dir doch dort du durch eben echt eigentlich ein eine einem einen einer eines einfach einmal er es etwas euch euer für ganz gar geht genau gerade gesagt gibt gleich glaube gut habe haben halt
    hat hatte hätte hier hin ich ihm ihn ihnen ihr ihre im immer in ins irgendwie ist ja jede jeder jetzt kann kannst kein keine können könnte leute mach machen mal man mehr mein meine mich mir mit muss müssen na nach
    natürlich ne nein nicht nichts noch nun nur ob oder ohne okay richtig schon sehr sein seine seit sich sie sind so sogar soll sollte sondern sonst um und uns unser unter viel vielleicht vom von vor war waren warum was
    weg weil weiter welche wenn wer werde werden wie wieder will wir wird wirklich wo wollen würde zu zum zur zwar zwischen äh ähm`,
  fr: `à ai aie alors après as au aussi autre aux avait avant avec avez avoir avons bah beaucoup ben bien bon bref c'est car ce ceci cela celle celui ces cet cette chaque chez chose comme comment d'accord dans de déjà depuis
    des dit donc du elle elles en encore enfin entre es est et étaient était être eu euh fait faire fais faut ici il ils j'ai je juste la là le les leur leurs lui ma maintenant mais me même mes moi moins mon ne ni non nos
    notre nous on ont ou où ouais oui par parce pas peu peut peux plus pour pourquoi puis qu quand que quel quelle quelque qui quoi sa sans se sera ses si son sont sous suis sur ta tes toi ton toujours tous tout toute
    toutes très trop tu un une va vais veut veux voilà vont vos votre vous vraiment y`,
  es: `a acá ahí ahora al algo algunos allí antes aquí así aunque bien bueno cada casi como cómo con creo cual cuando cuándo da de del desde después dice donde dónde dos e el él ella ellas ellos en entonces entre era eran eres
    es esa ese eso está están esta estaba estamos estar estas este esto estos estoy fue ha hace hacer hasta hay he hola la las le les lo los luego más me mi mis mucho muy nada ni no nos nosotros o os otra otro para pero poco
    por porque pues puede puedo que qué quien se sea ser si sí sido siempre sin sobre son soy su sus también tan tanto te tengo tiene todo todos tu tus un una uno unos usted va vale vamos ver vez voy y ya yo eh`,
  pt: `a à agora ah ai ainda algo alguém ali antes ao aos aqui as assim até bem bom cada com como da das de dele dela depois do dos e é ela elas ele eles em então entre era essa esse esta está estão estar estava este eu faz
    fazer foi fui gente há isso isto já lá lhe mais mas me mesmo meu minha muito na nada não nas né nem no nos nós nossa o oi olha os ou para pela pelo pessoal pode por porque pra pro quando que quem se sem ser seu sim só
    sou sua são também tão te tem tenho ter teu tipo toda todo todos tudo tá um uma vai vamos vez você vocês vou`,
  it: `a adesso ai al alla alle allora altro anche ancora avere avevo bene beh c'è che chi ci ciao cioè come con cosa così cui da dal dalla davvero de dei del della delle di dire dopo dove due e è ecco ed era erano essere fa
    fare fatto fino forse fra gli ha hai hanno ho i il in io l'ho la le lei li lo loro lui ma magari me meno mi mia mio molto ne nel nella niente no noi non nostro o ogni ok ora per perché però più poco poi prima proprio può
    qua qualcosa quale quando quello quella questa questo qui quindi se sei sempre senza si sì sia siamo solo sono sta state stato su sua sul suo te ti tra troppo tu tutti tutto un una uno va vabbè vai vi voi`,
  nl: `aan al alle alleen als altijd ander andere best bij ben bent beter dan dat de den denk deze die dit doe doen door dus daar echt een eens eerst eigenlijk en er even gaan gaat ga geen gewoon goed had hallo heb hebben heeft
    heel hem het hier hij hoe hoor hun ik in is ja je jij jou jullie kan komen komt kon kunnen laat maar maak maken me mee meer men met mij mijn moet moeten na naar nee net niet niets nog nou nu of om omdat onder ons ook op
    over snel te toch toen tot tussen u uit van veel voor waar want waren was wat we weer weet wel welke werd wie wij wil wordt zal ze zeg zei zich zie zij zijn zo zou`,
  pl: `a aby ale bardzo bez będzie bo by być był była było były chyba ci co coś czy czyli dla do dobra dobrze gdy gdzie go i ich ile im ja jak jakby jako jakiś je jednak jego jej jest jestem jeszcze jeśli już kiedy kto która które
    który lub ma mam mamy mi mnie może można na nad nam nas nawet nic nie nim no o od okej on ona one oni oraz po pod ponieważ przed przez przy są się sobie tak także tam te tego tej ten teraz też to trochę tu tutaj tylko tym w
    we więc właśnie wszystko z za że żeby`,
  ru: `а без бы был была были было быть в вам вас ведь весь во вообще вот все всё всего вы где да давай даже для до его ее её если есть ещё еще ж же за здесь и из или им их к как какой ко когда конечно короче кто ли либо лучше меня
    мне много может можно мой мы на над надо нам нас не него нее неё нет ни них но ну о об один он она они оно от очень по под потом потому почему при про просто раз с сам свой себя сейчас со так такой там тебя то тогда того
    тоже только том ты у уже хорошо хоть чего чем что чтобы чтоб эта эти это этого этот я`,
  ja: `あの ある いい いう いや うん え ええ えっと お おー か から が くる けど けれど こう ここ この これ さ さん し しか する せ そう そこ そして その それ それで た だ だから だけ だった って て で です でも と とか とき ところ どう どこ どの な ない なので なん なる に ね の ので は はい
    へ ほう まあ また まで まし ます ませ まずは みたい も もう もの や やっ よ よう より よね ら られ れ れる わ を ん 今 何 僕 俺 私 人 中 方 時 事 的 感じ 皆 皆さん ちょっと やつ じゃ じゃあ`,
  zh: `的 了 是 在 我 你 他 她 它 我们 你们 他们 这 那 这个 那个 这样 那样 这里 那里 有 没有 和 不 就 就是 都 也 说 要 会 能 可以 一个 一下 一些 什么 怎么 为什么 因为 所以 但是 如果 然后 现在 还 还是 很 吧 啊 吗 呢 哦 嗯 呀 嘛 啦 对 好 好的 来 去 上 下 里 个 们 着 过 把 被 让 给 跟 到 从 与 及 或 而 其 之 以 為 這 個 們 說 會 沒有 還 對 來 過 讓 給 從 與 嗎`,
  ko: `그 그거 그건 그게 그냥 그래 그래서 그러면 그런 그럼 그리고 근데 나 나는 내 내가 너 너무 네 네가 다 더 되게 뭐 뭔가 막 많이 무슨 아 아니 아니면 안 야 어 어떤 어떻게 여기 예 오 왜 요 우리 이 이거 이건 이게 이런 이렇게 이제 일단 있는 있다 있어 자 잘 저 저는 저희 정말 제가 조금 좀 지금 진짜 참 하는 하고 하지만 한 한번 할 해 해서 했는데`,
};

const sets = new Map<string, ReadonlySet<string>>();
/** Of one language; nothing for those that are not known. */
function setOf(language: string): ReadonlySet<string> {
  let set = sets.get(language);
  if (!set) sets.set(language, set = new Set((LISTS[language] ?? '').split(/\s+/)));
  return set;
}

/** Lower case, with ' for every apostrophe. English ones count anywhere: it is mixed into everything. */
export function isStopWord(word: string, language: string | null): boolean {
  return setOf(language ?? 'en').has(word) || setOf('en').has(word);
}

/** By the share of its most frequent words, which is sure after a few lines; null for a text that is too short, or in none of these. */
export function languageOf(words: readonly string[]): string | null {
  if (words.length === 0) return null;
  const some = words.slice(0, 3_000);
  const shares = Object.keys(LISTS).map((language) => ({ language, share: some.filter((word) => setOf(language).has(word)).length / some.length }));
  const [best, second] = shares.sort((a, b) => b.share - a.share);
  return best !== undefined && best.share >= 0.15 && best.share > (second?.share ?? 0) * 1.1 ? best.language : null;
}
