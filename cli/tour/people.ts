/** A name as its owner writes it, and in letters that a login may hold where they differ. */
export type Name = readonly [written: string, latin?: string];

type Several<T> = readonly [T, ...T[]];

/** Where a traveller comes from: what names, addresses and telephones look like there. */
export interface Origin {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** One of Concur's preferred languages (docs/concur.md §3). */
  readonly language: string;
  readonly women: Several<Name>;
  readonly men: Several<Name>;
  readonly families: Several<Name>;
  readonly places: Several<readonly [city: string, postalCode: string, airport: string, state?: string]>;
  readonly streets: Several<string>;
  /** `#` is a digit. */
  readonly mobile: string;
  readonly landline: string;
}

const names = (...texts: [string, ...string[]]): Several<Name> => {
  const [first, ...rest] = texts.map((text): Name => {
    const [written = '', latin] = text.split('=');
    return latin === undefined ? [written] : [written, latin];
  });
  return first === undefined ? [['?']] : [first, ...rest];
};

/** Invented people; any likeness is by chance. Numbers with 555 and streets in example towns are nobody's. */
export const ORIGINS: Several<Origin> = [
  {
    country: 'CH',
    language: 'de-CH',
    mobile: '79 555 ## ##',
    landline: '44 555 ## ##',
    women: names('Anna-Lena', 'Zoë=zoe', 'Ursina', 'Nadège=nadege'),
    men: names('Jürg=juerg', 'Beat', 'Reto', 'François=francois'),
    families: names(
      'Müller=mueller',
      'Zürcher=zuercher',
      'Brändli=braendli',
      "L'Eplattenier=leplattenier",
      'von Allmen=vonallmen',
    ),
    places: [
      ['Zürich', '8001', 'ZRH'],
      ['Genève', '1201', 'GVA'],
      ['Bern', '3011', 'BRN'],
    ],
    streets: ['Musterstrasse', 'Rue de l’Exemple', 'Bahnhofplatz'],
  },
  {
    country: 'DE',
    language: 'de-DE',
    mobile: '(151) 555-####',
    landline: '69 555 ####',
    women: names('Jörgine=joergine', 'Käthe=kaethe', 'Friederike', 'Sophie'),
    men: names('Jörg=joerg', 'Götz=goetz', 'Karl-Heinz', 'Matthias'),
    families: names(
      'Weiß=weiss',
      'Schröder=schroeder',
      'Großmann=grossmann',
      'Öztürk=oeztuerk',
      'zu Löwenstein=zuloewenstein',
    ),
    places: [
      ['Frankfurt am Main', '60311', 'FRA'],
      ['München', '80331', 'MUC'],
      ['Köln', '50667', 'CGN'],
    ],
    streets: ['Beispielstraße', 'Am Musterhof', 'Straße des 17. Juni'],
  },
  {
    country: 'FR',
    language: 'fr-FR',
    mobile: '6 39 98 ## ##',
    landline: '1 99 00 ## ##',
    women: names('Chloé=chloe', 'Anaïs=anais', 'Maëlle=maelle', 'Bénédicte=benedicte'),
    men: names('Loïc=loic', 'Jérôme=jerome', 'Étienne=etienne', 'Noël=noel'),
    families: names(
      "D'Aubigné=daubigne",
      'Lefèvre=lefevre',
      'Le Gall=legall',
      'Châtelain=chatelain',
      "N'Diaye=ndiaye",
    ),
    places: [
      ['Paris', '75001', 'CDG'],
      ['Lyon', '69002', 'LYS'],
      ['Nice', '06000', 'NCE'],
    ],
    streets: ['Rue de l’Étoile', 'Avenue du Général Exemple', 'Quai d’Essai'],
  },
  {
    country: 'GB',
    language: 'en-GB',
    mobile: '7700 900###',
    landline: '20 7946 0###',
    women: names('Siobhan', 'Imogen', 'Priya', 'Mary-Jane'),
    men: names('Alistair', 'Tariq', 'Nigel', 'Dafydd'),
    families: names("O'Connor=oconnor", 'Smythe-Jones', 'Ap Rhys=aprhys', 'Khan', 'MacDonald'),
    places: [
      ['London', 'EC1A 1BB', 'LHR'],
      ['Manchester', 'M1 1AE', 'MAN'],
      ['Edinburgh', 'EH1 1YZ', 'EDI'],
    ],
    streets: ['Example Lane', 'King’s Test Road', 'St. Sample Street'],
  },
  {
    country: 'IE',
    language: 'en-IE',
    mobile: '85 555 ####',
    landline: '1 555 ####',
    women: names('Aoife', 'Niamh', 'Róisín=roisin', 'Sinéad=sinead'),
    men: names('Seán=sean', 'Pádraig=padraig', 'Oisín=oisin', 'Cillian'),
    families: names(
      "O'Brien=obrien",
      'Ó Súilleabháin=osuilleabhain',
      "O'Neill=oneill",
      'Byrne',
      'Ní Dhomhnaill=nidhomhnaill',
    ),
    places: [
      ['Dublin', 'D01 F5P2', 'DUB'],
      ['Cork', 'T12 W8KP', 'ORK'],
    ],
    streets: ['Sample Quay', 'O’Example Street'],
  },
  {
    country: 'IT',
    language: 'it-IT',
    mobile: '320 555 ####',
    landline: '06 5550 ####',
    women: names('Noemí=noemi', 'Chiara', 'Zaira', 'Ginevra'),
    men: names('Niccolò=niccolo', 'Dario', 'Raùl=raul', 'Luca'),
    families: names(
      "D'Angelo=dangelo",
      "Dell'Acqua=dellacqua",
      'Ferré=ferre',
      'Lo Presti=lopresti',
      'Forlì=forli',
    ),
    places: [
      ['Roma', '00184', 'FCO'],
      ['Milano', '20121', 'MXP'],
      ['Forlì', '47121', 'FRL'],
    ],
    streets: ['Via dell’Esempio', 'Piazza della Prova'],
  },
  {
    country: 'ES',
    language: 'es-ES',
    mobile: '600 555 ###',
    landline: '91 555 ## ##',
    women: names('Íñiga=iniga', 'Begoña=begona', 'Lucía=lucia', 'María José=mariajose'),
    men: names('Íñigo=inigo', 'José Ángel=joseangel', 'Jesús=jesus', 'Andrés=andres'),
    families: names(
      'Peña Núñez=penanunez',
      'García López=garcialopez',
      'Ibáñez=ibanez',
      'de la Muñoza=delamunoza',
      'Güell=guell',
    ),
    places: [
      ['Madrid', '28001', 'MAD'],
      ['A Coruña', '15001', 'LCG'],
      ['Málaga', '29001', 'AGP'],
    ],
    streets: ['Calle Ejemplo', 'Paseo de la Señal', 'C/ Muestra'],
  },
  {
    country: 'PL',
    language: 'pl',
    mobile: '600 555 ###',
    landline: '22 555 ## ##',
    women: names('Małgorzata=malgorzata', 'Świętosława=swietoslawa', 'Zofia', 'Łucja=lucja'),
    men: names('Łukasz=lukasz', 'Paweł=pawel', 'Grzegorz', 'Bożydar=bozydar'),
    families: names(
      'Wójcik=wojcik',
      'Dąbrowska-Żak=dabrowskazak',
      'Kończal=konczal',
      'Święcicki=swiecicki',
      'Źrebiec=zrebiec',
    ),
    places: [
      ['Warszawa', '00-001', 'WAW'],
      ['Łódź', '90-001', 'LCJ'],
      ['Kraków', '31-001', 'KRK'],
    ],
    streets: ['ul. Przykładowa', 'al. Wzorcowa'],
  },
  {
    country: 'SE',
    language: 'sv-SE',
    mobile: '70 174 06 ##',
    landline: '8 465 004 ##',
    women: names('Åsa=asa', 'Märta=marta', 'Linnéa=linnea', 'Göta=gota'),
    men: names('Håkan=hakan', 'Björn=bjorn', 'Åke=ake', 'Sören=soren'),
    families: names('Ångström=angstrom', 'Sjöberg=sjoberg', 'Öberg=oberg', 'Lindqvist', 'af Klint=afklint'),
    places: [
      ['Stockholm', '111 20', 'ARN'],
      ['Göteborg', '411 03', 'GOT'],
      ['Malmö', '211 20', 'MMX'],
    ],
    streets: ['Exempelgatan', 'Provvägen', 'Ågatan'],
  },
  {
    country: 'US',
    language: 'en-US',
    mobile: '(212) 555-01##',
    landline: '(415) 555-01##',
    women: names("Ke'Shawn=keshawn", 'María=maria', 'Mary Ann=maryann', 'Renée=renee'),
    men: names("D'Andre=dandre", 'José=jose', 'Hiro', 'Bob'),
    families: names("O'Malley=omalley", 'St. John=stjohn', 'Nuñez=nunez', 'Washington-Lee', 'Nguyễn=nguyen'),
    places: [
      ['New York', '10001', 'JFK', 'NY'],
      ['San José', '95112', 'SJC', 'CA'],
      ['St. Paul', '55101', 'MSP', 'MN'],
    ],
    streets: ['Example Ave, Suite #5', 'Test & Main Street', 'N. Sample Blvd'],
  },
  {
    country: 'BR',
    language: 'pt-BR',
    mobile: '(11) 95555-####',
    landline: '(11) 5555-####',
    women: names('Conceição=conceicao', 'Íris=iris', 'Inês=ines', 'Flávia=flavia'),
    men: names('João=joao', 'Antônio=antonio', 'Sebastião=sebastiao', 'Caíque=caique'),
    families: names(
      'Gonçalves=goncalves',
      'Assunção=assuncao',
      "d'Ávila=davila",
      'Brandão e Sá=brandaoesa',
      'Magalhães=magalhaes',
    ),
    places: [
      ['São Paulo', '01001-000', 'GRU', 'SP'],
      ['Brasília', '70040-010', 'BSB', 'DF'],
    ],
    streets: ['Rua Exemplo', 'Praça da Amostra'],
  },
  {
    country: 'JP',
    language: 'ja-JP',
    mobile: '90-5555-####',
    landline: '3-5555-####',
    women: names('花子=hanako', 'さくら=sakura', '美咲=misaki', 'ユキ=yuki'),
    men: names('太郎=taro', '健一=kenichi', '翔太=shota', 'ケン=ken'),
    families: names('田中=tanaka', '鈴木=suzuki', '佐々木=sasaki', '渡邊=watanabe', '髙橋=takahashi'),
    places: [
      ['東京都千代田区', '100-0001', 'HND'],
      ['大阪市', '530-0001', 'KIX'],
    ],
    streets: ['見本町1丁目', '例通り'],
  },
  {
    country: 'GR',
    language: 'el',
    mobile: '694 555 ####',
    landline: '21 0555 ####',
    women: names('Ελένη=eleni', 'Δήμητρα=dimitra', 'Χρυσούλα=chrysoula', 'Ζωή=zoi'),
    men: names('Γιώργος=giorgos', 'Αλέξανδρος=alexandros', 'Θεόδωρος=theodoros', 'Σπύρος=spyros'),
    families: names(
      'Παπαδόπουλος=papadopoulos',
      'Αγγελοπούλου=angelopoulou',
      'Οικονόμου=oikonomou',
      'Ξυλούρης=xylouris',
    ),
    places: [
      ['Αθήνα', '105 57', 'ATH'],
      ['Θεσσαλονίκη', '546 22', 'SKG'],
    ],
    streets: ['Οδός Παραδείγματος', 'Λεωφόρος Δοκιμής'],
  },
  {
    country: 'AE',
    language: 'en-GB',
    mobile: '50 555 ####',
    landline: '4 555 ####',
    women: names('فاطمة=fatima', 'ليلى=layla', 'مريم=maryam', 'نور=noor'),
    men: names('محمد=mohammed', 'يوسف=yousef', 'عبد الله=abdullah', 'خالد=khalid'),
    families: names('الحسن=alhassan', 'العلي=alali', 'بن سعيد=binsaeed', 'المنصوري=almansouri'),
    places: [
      ['دبي', '00000', 'DXB'],
      ['أبو ظبي', '00001', 'AUH'],
    ],
    streets: ['شارع المثال', 'طريق التجربة'],
  },
  {
    country: 'BG',
    language: 'bg',
    mobile: '88 555 ####',
    landline: '2 555 ####',
    women: names('Йорданка=yordanka', 'Десислава=desislava', 'Цветелина=tsvetelina', 'Яна=yana'),
    men: names('Щерю=shteryu', 'Георги=georgi', 'Йосиф=yosif', 'Любомир=lyubomir'),
    families: names('Жечев=zhechev', 'Чернева=cherneva', 'Хаджийски=hadzhiyski', 'Юруков=yurukov'),
    places: [
      ['София', '1000', 'SOF'],
      ['Пловдив', '4000', 'PDV'],
    ],
    streets: ['ул. Примерна', 'бул. Изпитание'],
  },
  {
    country: 'CN',
    language: 'zh-CN',
    mobile: '138 5555 ####',
    landline: '10 5555 ####',
    women: names('小红=xiaohong', '丽华=lihua', '芳=fang', '梦瑶=mengyao'),
    men: names('伟=wei', '建国=jianguo', '子轩=zixuan', '磊=lei'),
    families: names('王=wang', '欧阳=ouyang', '诸葛=zhuge', '𠮷=ji', '陈=chen'),
    places: [
      ['北京市', '100000', 'PEK'],
      ['上海市', '200000', 'PVG'],
    ],
    streets: ['示例路', '测试街'],
  },
];
