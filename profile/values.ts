/** Enumerations of Concur's schema (docs/concur.md §3). */

export const PHONE_TYPES = ['Home', 'Work', 'Fax', 'Pager', 'Other', 'Cell'] as const;
/** A second work phone comes back on reads only. */
export const READ_ONLY_PHONE_TYPES = ['Work2'] as const;
export const ADDRESS_TYPES = ['Home', 'Work'] as const;
export const EMAIL_TYPES = ['Business', 'Personal', 'Business2', 'Other1', 'Other2'] as const;
export const READ_ONLY_EMAIL_TYPES = ['Supervisor', 'TravelArranger'] as const;
export const EMERGENCY_PHONE_TYPES = ['DayTime', 'Alternate'] as const;
export const RELATIONSHIPS = ['Spouse', 'Brother', 'Parent', 'Sister', 'LifePartner', 'Other'] as const;
export const SEAT_ROWS = ['Aisle', 'Window', 'Middle', 'DontCare'] as const;
export const SEAT_SECTIONS = ['Bulkhead', 'Forward', 'Rear', 'ExitRow', 'DontCare'] as const;
export const SMOKING = ['DontCare', 'NonSmoking', 'Smoking'] as const;
export const TRANSMISSIONS = ['DontCare', 'Automatic', 'Manual'] as const;
export const ROOM_TYPES = ['DontCare', 'King', 'Queen', 'Double', 'Twin', 'Single', 'Disability'] as const;
export const GENDERS = ['Male', 'Female'] as const;
export const ROLE_TYPES = ['Arranger', 'Manager'] as const;
export const ADVANTAGE_TYPES = ['Air', 'Rail', 'Car', 'Hotel'] as const;
export const VISA_TYPES = ['Unknown', 'SE', 'DE', 'ME', 'ES', 'ET', 'SH'] as const;

/** The prose of SAP's documentation names visa types in words; its schema has codes. */
export const VISA_TYPE_WORDS = {
  SingleEntry: 'SE',
  DoubleEntry: 'DE',
  MultiEntry: 'ME',
  ESTA: 'ES',
  ETA: 'ET',
  SchengenVisa: 'SH',
} as const;

const words = (lines: string): readonly string[] => lines.trim().split(/\s+/);

export const MEALS = words(
  'AVML BBML BLML CHML DBML FPML GFML HNML KSML KVML LCML LSML MOML NLML NSML PFML RVML SFML VGML VLML',
);

export const CAR_TYPES = words(`
  DontCare Economy Compact Intermediate Standard FullSize Luxury Premium Mini EconomyHybrid CompactHybrid
  IntermediateHybrid StandardHybrid FullSizeHybrid MiniVan StandardSUV FullSizeSUV FullSizePickup Specialized
  IntermediateSUV`);

/** Any other language is stored empty (docs/concur.md §3). */
export const PREFERRED_LANGUAGES = words(`
  bg cs da de el en es fi fr hr hu id it ja ko nb nl nn no pl pt ro ru sk sv tr zh
  de-AT de-CH de-DE de-LU en-AU en-CA en-GB en-IE en-IN en-NZ en-US en-ZA
  es-AR es-BO es-CL es-CO es-CR es-DO es-EC es-ES es-GT es-HN es-MX es-NI es-PA es-PE es-PR es-PY es-SV es-UY es-VE
  fr-BE fr-CA fr-CH fr-FR fr-LU it-CH it-IT ja-JP nl-BE nl-NL no-NO pt-BR pt-PT sv-SE zh-CN zh-HK zh-TW`);

/** How a card is used, and for what (docs/concur.md §4). */
export const CARD_USAGE_TYPES = ['Business'] as const;
/** The company's own (ghost) cards come back on reads only. */
export const READ_ONLY_CARD_USAGE_TYPES = ['Corporate'] as const;
export const SEGMENT_TYPES = ['Air', 'Rail', 'Hotel', 'Car', 'Ground'] as const;
