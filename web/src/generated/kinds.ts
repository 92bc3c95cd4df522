// Generated from protocol/kinds.json by tools/generate_kinds.mjs. Change those, not this.

export interface Title {
  readonly en: string;
  readonly fr: string;
  readonly ru: string;
}

/** The name of one of the numbers 0, 1, 2... that a field can have. */
export interface KindState {
  readonly name: string;
  readonly title: Title;
}

export interface KindField {
  /** As in the API. */
  readonly name: string;
  readonly title: Title;
  readonly type: 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'bool' | 'f32' | 'text';
  /** The step between two values: 0.01 for a temperature. */
  readonly scale: number;
  /** Digits after the point that the scale can tell apart. */
  readonly decimals: number;
  /** Empty where it has none. */
  readonly unit: string;
  /** In units; a text counts its bytes. */
  readonly minimum: number;
  readonly maximum: number;
  /** Indexed by the value; empty for a measure. */
  readonly states: readonly KindState[];
}

export type KindName = 'temperature' | 'humidity' | 'thermostat' | 'relay' | 'led' | 'button' | 'light_level' | 'presence' | 'battery' | 'counter' | 'contact' | 'text' | 'illuminance';
export type Widget = 'value' | 'thermostat' | 'switch' | 'slider' | 'button' | 'presence' | 'battery' | 'counter' | 'contact' | 'text';

export interface Kind {
  readonly number: number;
  readonly name: KindName;
  readonly title: Title;
  readonly fields: readonly KindField[];
  readonly widget: Widget;
  /** The field that a command sets; null where the kind takes none. */
  readonly commandField: string | null;
  readonly isEvent: boolean;
}

/** The standard kinds' numbers on the air. */
export const kindNumber = {
  temperature: 1,
  humidity: 2,
  thermostat: 3,
  relay: 4,
  led: 5,
  button: 6,
  lightLevel: 7,
  presence: 8,
  battery: 9,
  counter: 10,
  contact: 11,
  text: 12,
  illuminance: 13,
} as const;

export const kinds: readonly Kind[] = [
  {
    "number":1,"name":"temperature","title":{"en":"Temperature","fr":"Température","ru":"Температура"},
    "fields": [
      {"name":"temperature","title":{"en":"Temperature","fr":"Température","ru":"Температура"},"type":"i16","scale":0.01,"decimals":2,"unit":"°C","minimum":-273.15,"maximum":327.67,"states":[]},
    ],
    "widget":"value","commandField":null,"isEvent":false,
  },
  {
    "number":2,"name":"humidity","title":{"en":"Humidity","fr":"Humidité","ru":"Влажность"},
    "fields": [
      {"name":"humidity","title":{"en":"Humidity","fr":"Humidité","ru":"Влажность"},"type":"u16","scale":0.01,"decimals":2,"unit":"%","minimum":0,"maximum":100,"states":[]},
    ],
    "widget":"value","commandField":null,"isEvent":false,
  },
  {
    "number":3,"name":"thermostat","title":{"en":"Thermostat","fr":"Thermostat","ru":"Термостат"},
    "fields": [
      {"name":"temperature","title":{"en":"Temperature","fr":"Température","ru":"Температура"},"type":"i16","scale":0.01,"decimals":2,"unit":"°C","minimum":-273.15,"maximum":327.67,"states":[]},
      {"name":"set_point","title":{"en":"Set point","fr":"Consigne","ru":"Уставка"},"type":"i16","scale":0.01,"decimals":2,"unit":"°C","minimum":0,"maximum":50,"states":[]},
      {"name":"heating","title":{"en":"Heating","fr":"Chauffage","ru":"Нагрев"},"type":"bool","scale":1,"decimals":0,"unit":"","minimum":0,"maximum":1,"states":[{"name":"idle","title":{"en":"Idle","fr":"Au repos","ru":"Ожидание"}},{"name":"heating","title":{"en":"Heating","fr":"Chauffe","ru":"Греет"}}]},
    ],
    "widget":"thermostat","commandField":"set_point","isEvent":false,
  },
  {
    "number":4,"name":"relay","title":{"en":"Relay","fr":"Relais","ru":"Реле"},
    "fields": [
      {"name":"on","title":{"en":"State","fr":"État","ru":"Состояние"},"type":"bool","scale":1,"decimals":0,"unit":"","minimum":0,"maximum":1,"states":[{"name":"off","title":{"en":"Off","fr":"Éteint","ru":"Выкл."}},{"name":"on","title":{"en":"On","fr":"Allumé","ru":"Вкл."}}]},
    ],
    "widget":"switch","commandField":"on","isEvent":false,
  },
  {
    "number":5,"name":"led","title":{"en":"LED","fr":"LED","ru":"Светодиод"},
    "fields": [
      {"name":"brightness","title":{"en":"Brightness","fr":"Luminosité","ru":"Яркость"},"type":"u8","scale":1,"decimals":0,"unit":"%","minimum":0,"maximum":100,"states":[]},
    ],
    "widget":"slider","commandField":"brightness","isEvent":false,
  },
  {
    "number":6,"name":"button","title":{"en":"Button","fr":"Bouton","ru":"Кнопка"},
    "fields": [
      {"name":"action","title":{"en":"Action","fr":"Action","ru":"Действие"},"type":"u8","scale":1,"decimals":0,"unit":"","minimum":0,"maximum":3,"states":[{"name":"released","title":{"en":"Released","fr":"Relâché","ru":"Отпущена"}},{"name":"pressed","title":{"en":"Pressed","fr":"Appuyé","ru":"Нажата"}},{"name":"double","title":{"en":"Pressed twice","fr":"Double appui","ru":"Двойное нажатие"}},{"name":"long","title":{"en":"Held down","fr":"Appui long","ru":"Долгое нажатие"}}]},
    ],
    "widget":"button","commandField":null,"isEvent":true,
  },
  {
    "number":7,"name":"light_level","title":{"en":"Light level","fr":"Luminosité","ru":"Уровень света"},
    "fields": [
      {"name":"light_level","title":{"en":"Light level","fr":"Luminosité","ru":"Уровень света"},"type":"u8","scale":1,"decimals":0,"unit":"%","minimum":0,"maximum":100,"states":[]},
    ],
    "widget":"value","commandField":null,"isEvent":false,
  },
  {
    "number":8,"name":"presence","title":{"en":"Presence","fr":"Présence","ru":"Присутствие"},
    "fields": [
      {"name":"present","title":{"en":"Presence","fr":"Présence","ru":"Присутствие"},"type":"bool","scale":1,"decimals":0,"unit":"","minimum":0,"maximum":1,"states":[{"name":"absent","title":{"en":"Nobody","fr":"Personne","ru":"Никого"}},{"name":"present","title":{"en":"Somebody","fr":"Quelqu’un","ru":"Кто-то есть"}}]},
    ],
    "widget":"presence","commandField":null,"isEvent":true,
  },
  {
    "number":9,"name":"battery","title":{"en":"Battery","fr":"Batterie","ru":"Батарея"},
    "fields": [
      {"name":"level","title":{"en":"Charge","fr":"Charge","ru":"Заряд"},"type":"u8","scale":1,"decimals":0,"unit":"%","minimum":0,"maximum":100,"states":[]},
      {"name":"voltage","title":{"en":"Voltage","fr":"Tension","ru":"Напряжение"},"type":"u16","scale":0.001,"decimals":3,"unit":"V","minimum":0,"maximum":65.534,"states":[]},
    ],
    "widget":"battery","commandField":null,"isEvent":false,
  },
  {
    "number":10,"name":"counter","title":{"en":"Counter","fr":"Compteur","ru":"Счётчик"},
    "fields": [
      {"name":"count","title":{"en":"Count","fr":"Total","ru":"Счёт"},"type":"u32","scale":1,"decimals":0,"unit":"","minimum":0,"maximum":4294967294,"states":[]},
    ],
    "widget":"counter","commandField":null,"isEvent":false,
  },
  {
    "number":11,"name":"contact","title":{"en":"Contact","fr":"Contact","ru":"Контакт"},
    "fields": [
      {"name":"open","title":{"en":"State","fr":"État","ru":"Состояние"},"type":"bool","scale":1,"decimals":0,"unit":"","minimum":0,"maximum":1,"states":[{"name":"closed","title":{"en":"Closed","fr":"Fermé","ru":"Закрыто"}},{"name":"open","title":{"en":"Open","fr":"Ouvert","ru":"Открыто"}}]},
    ],
    "widget":"contact","commandField":null,"isEvent":true,
  },
  {
    "number":12,"name":"text","title":{"en":"Text","fr":"Texte","ru":"Текст"},
    "fields": [
      {"name":"text","title":{"en":"Text","fr":"Texte","ru":"Текст"},"type":"text","scale":1,"decimals":0,"unit":"","minimum":0,"maximum":200,"states":[]},
    ],
    "widget":"text","commandField":"text","isEvent":false,
  },
  {
    "number":13,"name":"illuminance","title":{"en":"Illuminance","fr":"Éclairement","ru":"Освещённость"},
    "fields": [
      {"name":"illuminance","title":{"en":"Illuminance","fr":"Éclairement","ru":"Освещённость"},"type":"u32","scale":0.01,"decimals":2,"unit":"lx","minimum":0,"maximum":200000,"states":[]},
    ],
    "widget":"value","commandField":null,"isEvent":false,
  },
];

/** Undefined for a name that no standard kind has. */
export function kindByName(name: string): Kind | undefined {
  return kinds.find((kind) => kind.name === name);
}
